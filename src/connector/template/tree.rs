//! JSON trees whose string leaves are templates.
//!
//! A leaf that is one whole `{{ … }}` keeps its type. A leaf that comes to nothing is left out together with its key,
//! unless it says `| explicit_null`; so is one in a list. A `null` that is written stays. A key may be a template too,
//! and the key `...` puts the members of its object in its place.

use minijinja::Value as Scope;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Expression, TemplateError, Text, filters};

/// A tree.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub enum Tree {
    /// A string leaf.
    Leaf(Expression),
    /// Any other leaf.
    Fixed(Value),
    /// A list.
    List(Vec<Tree>),
    /// An object: keys and members, in order.
    Object(Vec<(Key, Tree)>),
}

/// A key of an object.
#[derive(Clone, Debug)]
pub enum Key {
    /// A name, or a template for one.
    Name(Text),
    /// `...`: not a key, but where an object's members go.
    Spread,
}

impl Tree {
    /// Renders it; `None` where it comes to nothing.
    ///
    /// # Errors
    /// A filter refuses its value, or the fuel is used up. What stands behind `...` and is no object is left out.
    pub fn render(&self, context: &Scope) -> Result<Option<Value>, TemplateError> {
        match self {
            Self::Leaf(leaf) => Ok(json(&leaf.evaluate(context)?)),
            Self::Fixed(value) => Ok(Some(value.clone())),
            Self::List(items) => {
                let rendered = items.iter().filter_map(|item| item.render(context).transpose());
                rendered.collect::<Result<_, _>>().map(|items| Some(Value::Array(items)))
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for (key, member) in members {
                    let Some(value) = member.render(context)? else { continue };
                    match (key, value) {
                        (Key::Name(name), value) => drop(object.insert(name.render(context)?, value)),
                        (Key::Spread, Value::Object(more)) => object.extend(more),
                        (Key::Spread, _) => {}
                    }
                }
                Ok(Some(Value::Object(object)))
            }
        }
    }
}

impl TryFrom<Value> for Tree {
    type Error = TemplateError;

    fn try_from(value: Value) -> Result<Self, TemplateError> {
        Ok(match value {
            Value::String(text) => Self::Leaf(text.try_into()?),
            Value::Array(items) => {
                Self::List(items.into_iter().map(Self::try_from).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(key, value): (String, Value)| {
                    let key = if key == "..." { Key::Spread } else { Key::Name(key.try_into()?) };
                    Ok((key, Self::try_from(value)?))
                };
                Self::Object(members.into_iter().map(member).collect::<Result<_, TemplateError>>()?)
            }
            fixed => Self::Fixed(fixed),
        })
    }
}

/// A value as JSON; `None` where it is nothing.
pub fn json(value: &Scope) -> Option<Value> {
    if value.is_undefined() || value.is_none() {
        return None;
    }
    if filters::is_explicit_null(value) {
        return Some(Value::Null);
    }
    serde_json::to_value(value).ok()
}
