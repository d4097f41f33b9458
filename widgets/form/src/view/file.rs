//! Files: the browser's own control, and a list of what was chosen.

use crm_protocol::form::Field;
use leptos::html::{button, div, input, li, span, ul};
use leptos::prelude::*;

use super::field::{described, id, invalid, required};
use super::{State, dynamic};
use crate::upload::{Upload, UploadState};

/// The control with the list below it.
pub fn control(state: State, field: &Field) -> AnyView {
    let several = field.max.as_deref() != Some("1");
    let control = input()
        .attr("part", "input")
        .attr("type", "file")
        .attr("name", field.name.clone())
        .attr("id", id(&field.name))
        .attr("accept", accept(field))
        .attr("multiple", several)
        .attr("aria-describedby", described(field))
        .attr("aria-required", required(state, field))
        .attr("aria-invalid", invalid(state, &field.name));
    let name = field.name.clone();
    let files = dynamic(
        state,
        move |form| form.uploads.of(&name).cloned().collect::<Vec<_>>(),
        move |files| files.into_iter().map(|file| entry(state, file)).collect::<Vec<_>>().into_any(),
    );
    div().attr("part", "file").child(control).child(ul().attr("part", "files").child(files)).into_any()
}

/// `image/*` stands beside the extensions: the browser inside WeChat opens the album only for that.
fn accept(field: &Field) -> Option<String> {
    let is_image = |end: &String| matches!(end.as_str(), "png" | "jpg" | "webp" | "heic" | "gif");
    let mut types: Vec<String> = field.accept.iter().map(|end| [".", end].concat()).collect();
    if field.accept.iter().any(is_image) {
        types.insert(0, "image/*".to_owned());
    }
    (!types.is_empty()).then(|| types.join(","))
}

fn entry(state: State, file: Upload) -> AnyView {
    let Upload { number, field, name, state: progress } = file;
    let label = state.with_untracked(|form| form.view().texts.fill("file.remove", &[("name", &name)]));
    let (kind, note) = match progress {
        UploadState::Sending(percent) => ("sending", [&percent.to_string(), " %"].concat()),
        UploadState::Stored(_) => ("stored", "✓".to_owned()),
        UploadState::Failed(reason) => ("failed", reason),
    };
    let remove = button()
        .attr("part", "remove")
        .attr("type", "button")
        .attr("aria-label", label)
        .on(leptos::ev::click, move |_| {
            state.update(|form| {
                form.uploads.remove(number);
                let ids = form.uploads.ids(&field);
                form.fill_one(&field, ids);
            });
        })
        .child("×");
    li().attr("data-state", kind)
        .child(span().attr("part", "file-name").child(name))
        .child(span().attr("part", "file-note").child(note))
        .child(remove)
        .into_any()
}
