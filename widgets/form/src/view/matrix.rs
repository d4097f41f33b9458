//! A question per row, the same answers for all: a table where there is room, a list of groups on a phone.

use crm_element::tag::{Tag, part, tag};
use crm_protocol::form::{Choice, Field};

use super::State;
use super::choice::tick;
use super::field::error;

/// The table.
pub fn table(state: State, field: &Field) -> Tag {
    let columns = field
        .options
        .iter()
        .map(|choice| tag("th").attr("scope", "col").child(choice.label.as_str().to_owned()));
    let head = tag("thead").child(tag("tr").child(tag("td")).children(columns));
    let rows = field.rows.iter().map(|choice| row(state, field, choice));
    part("table", "matrix").child(head).child(tag("tbody").children(rows))
}

fn row(state: State, field: &Field, row: &Choice) -> Tag {
    let name = [&field.name, ".", &row.value].concat();
    let head = tag("th").attr("scope", "row").child(tag("span").child(row.label.as_str().to_owned()));
    tag("tr")
        .child(head.child(error(state, &name)))
        .children(field.options.iter().map(|column| cell(state, &name, row, column)))
}

fn cell(state: State, name: &str, row: &Choice, column: &Choice) -> Tag {
    let option = part("label", "option")
        .child(tick(state, "radio", name, &column.value))
        .child(part("span", "spoken").child([row.label.as_str(), ": "].concat()))
        .child(tag("span").child(column.label.as_str().to_owned()));
    tag("td").child(option)
}
