//! A question per row, the same answers for all: a table where there is room, a list of groups on a phone.

use crm_protocol::form::{Choice, Field};
use leptos::html::{label, span, table, tbody, td, th, thead, tr};
use leptos::prelude::*;

use super::State;
use super::choice::tick;
use super::field::error;

/// The table.
pub fn rows(state: State, field: &Field) -> AnyView {
    let corner = td().into_any();
    let columns = field.options.iter().map(|choice| {
        th().attr("scope", "col").child(choice.label.as_str().to_owned()).into_any()
    });
    let head = thead().child(tr().child(std::iter::once(corner).chain(columns).collect::<Vec<_>>()));
    let rows = field.rows.iter().map(|choice| row(state, field, choice)).collect::<Vec<_>>();
    table().attr("part", "matrix").child(head).child(tbody().child(rows)).into_any()
}

fn row(state: State, field: &Field, row: &Choice) -> AnyView {
    let name = [&field.name, ".", &row.value].concat();
    let head = th()
        .attr("scope", "row")
        .child(span().child(row.label.as_str().to_owned()))
        .child(error(state, &name))
        .into_any();
    let cells = field.options.iter().map(|choice| cell(state, &name, row, choice));
    tr().child(std::iter::once(head).chain(cells).collect::<Vec<_>>()).into_any()
}

fn cell(state: State, name: &str, row: &Choice, column: &Choice) -> AnyView {
    let spoken = [row.label.as_str(), ": "].concat();
    td().child(
        label()
            .attr("part", "option")
            .child(tick(state, "radio", name, &column.value))
            .child(span().attr("part", "spoken").child(spoken))
            .child(span().child(column.label.as_str().to_owned())),
    )
    .into_any()
}
