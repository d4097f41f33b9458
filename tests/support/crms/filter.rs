//! Conditions of queries: SOQL's `WHERE` and OData's `$filter`.
//!
//! From Salesforce's SOQL reference: parentheses are a must where `AND` meets `OR`, a quote is escaped by a backslash,
//! and texts stand in quotes while instants and booleans do not. From OData 4.0: operators are words, `and` binds more
//! tightly than `or`, and a quote is doubled.

use jiff::Timestamp;
use serde_json::Value;

/// What a field holds, and so how a value that it is compared with is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Instant,
    Boolean,
    Integer,
    Uuid,
}

/// The language that a condition is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Soql,
    Odata,
}

/// Why a condition is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Malformed,
    /// There is no such field, or it cannot be filtered by.
    Unknown(String),
    /// The value is not written as one of the field's type.
    Mistyped(String),
}

/// Which records are meant.
#[derive(Debug)]
pub enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Is { field: String, operator: Operator, value: String },
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    Like,
    Contains,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
}

impl Condition {
    /// Reads one; an empty text is fulfilled by everything. `kind` knows the fields.
    pub fn read(
        text: &str,
        language: Language,
        kind: &dyn Fn(&str) -> Option<Kind>,
    ) -> Result<Self, Refusal> {
        let mut tokens = tokens(text, language).ok_or(Refusal::Malformed)?;
        if tokens.is_empty() {
            return Ok(Self::All(Vec::new()));
        }
        tokens.reverse();
        let mut reader = Reader { tokens, language, kind };
        let condition = reader.any()?;
        if reader.tokens.is_empty() { Ok(condition) } else { Err(Refusal::Malformed) }
    }

    /// Whether a record fulfils it. Letters' case is nothing to either language's CRM.
    pub fn holds(&self, record: &Value) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(record)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(record)),
            Self::Is { field, operator, value } => operator.compare(&written(&record[field]), value),
        }
    }
}

/// A value as a text, nothing as an empty one.
pub fn written(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Operator {
    fn read(word: &str, language: Language) -> Option<Self> {
        Some(match (language, word.to_lowercase().as_str()) {
            (Language::Soql, "=") | (Language::Odata, "eq") => Self::Equal,
            (Language::Soql, "!=") | (Language::Odata, "ne") => Self::Unequal,
            (Language::Soql, "<") | (Language::Odata, "lt") => Self::Less,
            (Language::Soql, "<=") | (Language::Odata, "le") => Self::AtMost,
            (Language::Soql, ">") | (Language::Odata, "gt") => Self::More,
            (Language::Soql, ">=") | (Language::Odata, "ge") => Self::AtLeast,
            (Language::Soql, "like") => Self::Like,
            _ => return None,
        })
    }

    fn compare(self, has: &str, value: &str) -> bool {
        let (has, value) = (has.to_lowercase(), value.to_lowercase());
        let order = match (has.parse::<Timestamp>(), value.parse::<Timestamp>()) {
            (Ok(has), Ok(value)) => has.cmp(&value),
            _ => has.cmp(&value),
        };
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            Self::Contains => has.contains(&value),
            Self::Like => like(&has, &value),
        }
    }
}

/// Whether a text is like a pattern in which `%` stands for anything.
fn like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| like(&text[at..], rest))
        }),
    }
}

/// `None` if a quote is left open.
fn tokens(text: &str, language: Language) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => {
                let (quoted, length) = quoted(rest, language)?;
                tokens.push(Token::Quoted(quoted));
                length
            }
            '(' | ')' | ',' => 1,
            '=' | '<' | '>' | '!' => rest.find(|sign| !"=<>!".contains(sign)).unwrap_or(rest.len()),
            _ => rest.find(|end: char| end.is_whitespace() || "'(),=<>!".contains(end)).unwrap_or(rest.len()),
        };
        if first != '\'' {
            tokens.push(Token::Word(rest[..length].to_owned()));
        }
        rest = rest[length..].trim_start();
    }
    Some(tokens)
}

/// The text in quotes at the beginning, and its length with them.
fn quoted(text: &str, language: Language) -> Option<(String, usize)> {
    let mut quoted = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let doubled = matches!(characters.peek(), Some((_, '\'')));
        match (character, language) {
            ('\\', Language::Soql) => quoted.push(characters.next()?.1),
            ('\'', Language::Odata) if doubled => quoted.push(characters.next()?.1),
            ('\'', _) => return Some((quoted, at + 1)),
            (other, _) => quoted.push(other),
        }
    }
    None
}

/// What is left to be read, the next at the end.
struct Reader<'a> {
    tokens: Vec<Token>,
    language: Language,
    kind: &'a dyn Fn(&str) -> Option<Kind>,
}

impl Reader<'_> {
    fn any(&mut self) -> Result<Condition, Refusal> {
        let mut conditions = vec![self.all()?];
        while self.takes("or") {
            conditions.push(self.all()?);
        }
        let mixed = conditions.iter().any(|condition| matches!(condition, Condition::All(_)));
        if conditions.len() == 1 {
            return conditions.pop().ok_or(Refusal::Malformed);
        }
        if mixed && self.language == Language::Soql {
            return Err(Refusal::Malformed);
        }
        Ok(Condition::Any(conditions))
    }

    fn all(&mut self) -> Result<Condition, Refusal> {
        let mut conditions = vec![self.one()?];
        while self.takes("and") {
            conditions.push(self.one()?);
        }
        if conditions.len() == 1 {
            conditions.pop().ok_or(Refusal::Malformed)
        } else {
            Ok(Condition::All(conditions))
        }
    }

    fn one(&mut self) -> Result<Condition, Refusal> {
        if self.takes("(") {
            let inner = self.any()?;
            self.must(")")?;
            // A list of one keeps what was in parentheses apart from what is beside them.
            return Ok(Condition::Any(vec![inner]));
        }
        if self.language == Language::Odata && self.takes("contains") {
            self.must("(")?;
            let field = self.word()?;
            self.must(",")?;
            let value = self.value(&field)?;
            self.must(")")?;
            return Ok(Condition::Is { field, operator: Operator::Contains, value });
        }
        let (field, operator) = (self.word()?, self.word()?);
        let operator = Operator::read(&operator, self.language).ok_or(Refusal::Malformed)?;
        let value = self.value(&field)?;
        Ok(Condition::Is { field, operator, value })
    }

    fn takes(&mut self, wanted: &str) -> bool {
        let next = self
            .tokens
            .pop_if(|token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(wanted)));
        next.is_some()
    }

    fn must(&mut self, wanted: &str) -> Result<(), Refusal> {
        if self.takes(wanted) { Ok(()) } else { Err(Refusal::Malformed) }
    }

    fn word(&mut self) -> Result<String, Refusal> {
        match self.tokens.pop() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(Refusal::Malformed),
        }
    }

    /// A value as one of this field's type is written.
    fn value(&mut self, field: &str) -> Result<String, Refusal> {
        let token = self.tokens.pop().ok_or(Refusal::Malformed)?;
        let kind = (self.kind)(field).ok_or_else(|| Refusal::Unknown(field.to_owned()))?;
        match (kind, token) {
            (Kind::Text, Token::Quoted(value)) => Ok(value),
            (Kind::Instant, Token::Word(word)) if word.parse::<Timestamp>().is_ok() => Ok(word),
            (Kind::Boolean, Token::Word(word))
                if matches!(word.to_lowercase().as_str(), "true" | "false") =>
            {
                Ok(word)
            }
            (Kind::Integer, Token::Word(word)) if word.parse::<i64>().is_ok() => Ok(word),
            (Kind::Uuid, Token::Word(word)) if uuid::Uuid::try_parse(&word).is_ok() => Ok(word),
            _ => Err(Refusal::Mistyped(field.to_owned())),
        }
    }
}
