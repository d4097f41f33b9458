//! A question per row, the same answers for all: a table where there is room, a list of groups on a phone.

use crm_element::tag::{Tag, part, still, tag};
use crm_protocol::form::{Choice, Field};

use super::State;
use super::choice::tick;
use super::field::error;

/// The table.
pub fn table(state: State, field: &Field) -> Tag {
    let column = |choice: &Choice| tag("th").attr("scope", "col").child(choice.label.as_str().to_owned());
    let columns = || tag("tr").child(tag("td")).children(field.options.iter().map(column));
    let head = still(|| tag("thead").child(columns()));
    let rows = field.rows.iter().map(|choice| row(state, field, choice));
    part("table", "matrix").child(head).child(tag("tbody").children(rows))
}

fn row(state: State, field: &Field, row: &Choice) -> Tag {
    let name = [&field.name, ".", &row.value].concat();
    let head = tag("th")
        .fixed(|head| head.attr("scope", "row"))
        .child(still(|| tag("span").child(row.label.as_str().to_owned())))
        .child(error(state, &name));
    let cells = || field.options.iter().map(|column| cell(state, &name, row, column));
    tag("tr").child(head).fixed(|tr| tr.children(cells()))
}

fn cell(state: State, name: &str, row: &Choice, column: &Choice) -> Tag {
    let option = part("label", "option")
        .child(tick(state, "radio", name, &column.value))
        .child(part("span", "spoken").child([row.label.as_str(), ": "].concat()))
        .child(tag("span").child(column.label.as_str().to_owned()));
    tag("td").child(option)
}
