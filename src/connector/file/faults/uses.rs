//! What a template uses: names from outside, filters, tests, calls; each with its place in the template.

use minijinja::machinery::ast::{CallArg, Expr, Stmt};
use minijinja::machinery::{parse, parse_expr};

use super::arguments;

/// One use.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Use {
    /// Bytes from the beginning of the template.
    pub offset: usize,
    /// Of what.
    pub what: What,
}

/// What is used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A name from outside and the members below it, as far as they are written: `steps`, `find`, `id`.
    Name(Vec<String>),
    /// A filter.
    Filter(String),
    /// Arguments that their filter cannot take: what is wrong with them, and what to write instead.
    Arguments(String, String),
    /// A test.
    Test(String),
    /// A function.
    Function(String),
    /// A method, which templates don't have.
    Method(String),
    /// A statement that templates of one text don't have.
    Statement,
}

/// A template that cannot be read: where, and in which words.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// Bytes from the beginning.
    pub offset: usize,
    /// What the reader of templates says.
    pub said: String,
}

/// The names from outside that a template uses, or the expression between its braces: `steps`, `find`, `id`.
pub fn names_in(source: &str) -> Vec<Vec<String>> {
    let uses =
        if source.contains("{{") || source.contains("{%") { of_text(source) } else { of_condition(source) };
    let name = |used: Use| match used.what {
        What::Name(path) => Some(path),
        _ => None,
    };
    uses.into_iter().flatten().filter_map(name).collect()
}

/// What a text with `{{ … }}` in it uses.
pub(super) fn of_text(source: &str) -> Result<Vec<Use>, Unreadable> {
    let template = parse(source, "text", Default::default()).map_err(|error| unreadable(&error, 0))?;
    let mut seen = Seen { shift: 0, ..Seen::default() };
    seen.statement(&template);
    Ok(seen.uses)
}

/// What a bare expression uses; braces around it are allowed.
pub(super) fn of_condition(source: &str) -> Result<Vec<Use>, Unreadable> {
    let inside = source.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let bare = inside.filter(|inside| parse_expr(inside).is_ok()).unwrap_or(source);
    let shift = source.find(bare).unwrap_or_default();
    let expression = parse_expr(bare).map_err(|error| unreadable(&error, shift))?;
    let mut seen = Seen { shift, ..Seen::default() };
    seen.expression(&expression);
    Ok(seen.uses)
}

fn unreadable(error: &minijinja::Error, shift: usize) -> Unreadable {
    let said = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    Unreadable { offset: shift + error.range().map_or(0, |range| range.start), said }
}

/// Walks over a template.
#[derive(Default)]
struct Seen {
    uses: Vec<Use>,
    /// Names that the template itself introduces.
    own: Vec<String>,
    shift: usize,
}

impl Seen {
    fn add(&mut self, at: &Expr<'_>, what: What) {
        self.add_at(at.span().start_offset, what);
    }

    fn add_at(&mut self, offset: u32, what: What) {
        let offset = self.shift + usize::try_from(offset).unwrap_or_default();
        self.uses.push(Use { offset, what });
    }

    fn statements(&mut self, statements: &[Stmt<'_>]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        let depth = self.own.len();
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emitted) => self.expression(&emitted.expr),
            Stmt::EmitRaw(_) => {}
            Stmt::ForLoop(each) => {
                self.expression(&each.iter);
                self.own.push("loop".to_owned());
                self.target(&each.target);
                each.filter_expr.iter().for_each(|filter| self.expression(filter));
                self.statements(&each.body);
                self.own.truncate(depth);
                self.statements(&each.else_body);
            }
            Stmt::IfCond(choice) => {
                self.expression(&choice.expr);
                self.statements(&choice.true_body);
                self.statements(&choice.false_body);
            }
            Stmt::WithBlock(block) => {
                for (target, value) in &block.assignments {
                    self.expression(value);
                    self.target(target);
                }
                self.statements(&block.body);
                self.own.truncate(depth);
            }
            Stmt::Set(set) => {
                self.expression(&set.expr);
                self.target(&set.target);
            }
            Stmt::SetBlock(set) => {
                self.statements(&set.body);
                self.target(&set.target);
            }
            _ => self.uses.push(Use { offset: self.shift, what: What::Statement }),
        }
    }

    /// Names on the left of an assignment.
    fn target(&mut self, target: &Expr<'_>) {
        match target {
            Expr::Var(name) => self.own.push(name.id.to_owned()),
            Expr::List(list) => list.items.iter().for_each(|item| self.target(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.target(item)),
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr<'_>) {
        match expression {
            Expr::Const(_) => {}
            Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) => self.path(expression),
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                for bound in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expression(bound);
                }
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => {
                self.expression(&operation.left);
                self.expression(&operation.right);
            }
            Expr::Compare(compared) => {
                self.expression(&compared.expr);
                compared.ops.iter().for_each(|operand| self.expression(&operand.expr));
            }
            Expr::IfExpr(choice) => {
                self.expression(&choice.test_expr);
                self.expression(&choice.true_expr);
                choice.false_expr.iter().for_each(|otherwise| self.expression(otherwise));
            }
            Expr::Filter(filter) => {
                filter.expr.iter().for_each(|value| self.expression(value));
                self.add(expression, What::Filter(filter.name.to_owned()));
                self.arguments(&filter.args);
                self.by_name(expression, filter.name, &filter.args);
                let mistake = arguments::mistake(filter);
                mistake.into_iter().for_each(|(what, fix)| self.add(expression, What::Arguments(what, fix)));
            }
            Expr::Test(test) => {
                self.expression(&test.expr);
                self.add(expression, What::Test(test.name.to_owned()));
                self.arguments(&test.args);
            }
            Expr::Call(call) => {
                match &call.expr {
                    Expr::Var(name) => self.add(expression, What::Function(name.id.to_owned())),
                    Expr::GetAttr(method) => {
                        self.expression(&method.expr);
                        self.add(expression, What::Method(method.name.to_owned()));
                    }
                    other => {
                        self.expression(other);
                        self.add(expression, What::Method("()".to_owned()));
                    }
                }
                self.arguments(&call.args);
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.expression(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expression(item)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(|part| self.expression(part)),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value)
                | CallArg::Kwarg(_, value)
                | CallArg::PosSplat(value)
                | CallArg::KwargSplat(value) => self.expression(value),
            }
        }
    }

    /// Filters and tests that another filter is given by name: `map('lower')`, `selectattr('id', 'eq', 1)`.
    fn by_name(&mut self, at: &Expr<'_>, filter: &str, arguments: &[CallArg<'_>]) {
        let named = |position: usize| match arguments.get(position) {
            Some(CallArg::Pos(Expr::Const(name))) => name.value.as_str().map(str::to_owned),
            _ => None,
        };
        let what = match filter {
            "map" => named(0).map(What::Filter),
            "select" | "reject" => named(0).map(What::Test),
            "selectattr" | "rejectattr" => named(1).map(What::Test),
            _ => None,
        };
        what.into_iter().for_each(|what| self.add(at, what));
    }

    /// A name and the members below it.
    fn path(&mut self, expression: &Expr<'_>) {
        let mut members = Vec::new();
        let mut below = expression;
        let root = loop {
            match below {
                Expr::GetAttr(member) => {
                    members.push(Some(member.name.to_owned()));
                    below = &member.expr;
                }
                Expr::GetItem(item) => {
                    let name = match &item.subscript_expr {
                        Expr::Const(name) => name.value.as_str().map(str::to_owned),
                        dynamic => {
                            self.expression(dynamic);
                            None
                        }
                    };
                    members.push(name);
                    below = &item.expr;
                }
                Expr::Var(name) => break name,
                other => return self.expression(other),
            }
        };
        if self.own.iter().any(|own| own == root.id) {
            return;
        }
        // What comes after an index is part of what a CRM answers, and not known here.
        let known = members.into_iter().rev().map_while(|member| member);
        let path = std::iter::once(root.id.to_owned()).chain(known).collect();
        self.add_at(root.span().start_offset, What::Name(path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(uses: &[Use]) -> Vec<String> {
        let shown = |used: &Use| match &used.what {
            What::Name(path) => path.join("."),
            What::Filter(name) => format!("|{name}"),
            What::Arguments(what, fix) => format!("{what}; {fix}"),
            What::Test(name) => format!("is {name}"),
            What::Function(name) => format!("{name}()"),
            What::Method(name) => format!(".{name}()"),
            What::Statement => "%".to_owned(),
        };
        uses.iter().map(shown).collect()
    }

    #[test]
    fn every_use_of_a_template_is_found() {
        for (template, uses) in [
            ("a {{ x.y['z'][0].w }} b", vec!["x.y.z"]),
            ("{{ a[b.c] }}", vec!["b.c", "a"]),
            ("{{ a | f(b, c=d) | g }}", vec!["a", "|f", "b", "d", "|g"]),
            ("{{ a if b is startingwith c else d }}", vec!["b", "is startingwith", "c", "a", "d"]),
            (
                "{{ list | map('lower') | selectattr('x', 'eq', y) }}",
                vec!["list", "|map", "|lower", "|selectattr", "y", "is eq"],
            ),
            (
                "{% for m in data.messages if m.x %}{{ m.text ~ loop.index ~ z }}{% else %}{{ m }}{% endfor %}",
                vec!["data.messages", "z", "m"],
            ),
            ("{% set a = b %}{{ a.x }}{% if c %}{{ d }}{% endif %}", vec!["b", "c", "d"]),
            ("{% with k = a %}{{ k }}{% endwith %}{{ k }}", vec!["a", "k"]),
            (
                "{{ x.startswith('a') }} {{ range(3) }} {{ {'k': v}[w] }}",
                vec!["x", ".startswith()", "range()", "w", "v"],
            ),
            ("{{ x[a:b] }} {{ -y }} {{ 1 < z <= 3 }}", vec!["x", "a", "b", "y", "z"]),
            ("{% filter upper %}x{% endfilter %}", vec!["%"]),
            ("no template", vec![]),
        ] {
            assert_eq!(shown(&of_text(template).expect(template)), uses, "{template}");
        }
    }

    #[test]
    fn a_condition_is_bare_or_in_braces() {
        for (condition, offset) in
            [("not link.person", 4), ("{{ not link.person }}", 7), (" link.person ", 1)]
        {
            let uses = of_condition(condition).expect(condition);
            assert_eq!(shown(&uses), ["link.person"], "{condition}");
            assert_eq!(uses[0].offset, offset, "{condition}");
        }
        assert_eq!(of_condition("{{ a }} == {{ b }}").expect_err("two").offset, 5);
        assert!(of_text("{{ a ").expect_err("open").said.contains("end of"));
    }
}
