//! What goes into a statement and comes out of it, the same on both engines.

use std::borrow::Cow;
use std::error::Error;

use bytes::BytesMut;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::StoreError;

/// A parameter or a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null` of any type.
    Null,
    /// `bigint`.
    Int(i64),
    /// `text`.
    Text(Cow<'a, str>),
    /// `bytea`.
    Bytes(Cow<'a, [u8]>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value.as_str().into())
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(value.into())
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value.into())
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(value: &'a [u8; 32]) -> Self {
        Self::Bytes(value.as_slice().into())
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql_checked(kind, out),
            Self::Text(value) => value.as_ref().to_sql_checked(kind, out),
            Self::Bytes(value) => value.as_ref().to_sql_checked(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    to_sql_checked!();
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row(Vec<Value<'static>>);

impl Row {
    /// The `text` in a column, counted from 0.
    pub fn text(&mut self, column: usize) -> Result<String, StoreError> {
        self.optional_text(column)?.ok_or_else(|| wrong(column, "text"))
    }

    /// The `text` or `null` in a column.
    pub fn optional_text(&mut self, column: usize) -> Result<Option<String>, StoreError> {
        match self.take(column) {
            Some(Value::Text(value)) => Ok(Some(value.into_owned())),
            Some(Value::Null) => Ok(None),
            _ => Err(wrong(column, "text")),
        }
    }

    /// The `bigint` in a column.
    pub fn int(&mut self, column: usize) -> Result<i64, StoreError> {
        self.optional_int(column)?.ok_or_else(|| wrong(column, "bigint"))
    }

    /// The `bigint` or `null` in a column.
    pub fn optional_int(&mut self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.take(column) {
            Some(Value::Int(value)) => Ok(Some(value)),
            Some(Value::Null) => Ok(None),
            _ => Err(wrong(column, "bigint")),
        }
    }

    /// The `bytea` in a column.
    pub fn bytes(&mut self, column: usize) -> Result<Vec<u8>, StoreError> {
        match self.take(column) {
            Some(Value::Bytes(value)) => Ok(value.into_owned()),
            _ => Err(wrong(column, "bytea")),
        }
    }

    /// A `text` column parsed into one of our types, such as an id.
    pub fn parse<T: std::str::FromStr>(&mut self, column: usize) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| wrong(column, std::any::type_name::<T>()))
    }

    fn take(&mut self, column: usize) -> Option<Value<'static>> {
        self.0.get_mut(column).map(|value| std::mem::replace(value, Value::Null))
    }

    pub(super) fn from_sqlite(row: &rusqlite::Row<'_>, columns: usize) -> Result<Self, StoreError> {
        let column = |at| {
            Ok(match row.get_ref(at)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(value) => Value::Int(value),
                ValueRef::Text(value) => Value::Text(String::from_utf8_lossy(value).into_owned().into()),
                ValueRef::Blob(value) => Value::Bytes(value.to_vec().into()),
                ValueRef::Real(_) => return Err(wrong(at, "text, bigint or bytea")),
            })
        };
        (0..columns).map(column).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn from_postgres(row: &tokio_postgres::Row) -> Result<Self, StoreError> {
        let column = |(at, column): (usize, &tokio_postgres::Column)| {
            Ok(match *column.type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(at)?.map_or(Value::Null, Value::Int),
                Type::TEXT => row.try_get::<_, Option<String>>(at)?.into(),
                Type::BYTEA => row
                    .try_get::<_, Option<Vec<u8>>>(at)?
                    .map_or(Value::Null, |bytes| Value::Bytes(bytes.into())),
                _ => return Err(wrong(at, "text, bigint or bytea")),
            })
        };
        row.columns().iter().enumerate().map(column).collect::<Result<_, _>>().map(Self)
    }
}

fn wrong(column: usize, expected: &str) -> StoreError {
    StoreError::statement(format!("column {column} of a row is not {expected}"))
}
