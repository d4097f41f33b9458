//! Files: the browser's own control, and a list of what was chosen.

use crm_element::tag::{Tag, live, part, tag};
use crm_protocol::form::Field;

use super::State;
use super::field::control as labelled;
use crate::upload::{Upload, UploadState};

/// Whether files are taken: no form that books has any, and its module goes without.
const TAKES: bool = cfg!(feature = "files");

/// The control with the list below it.
pub fn control(state: State, field: &Field) -> Tag {
    let several = || field.max.as_deref().is_some_and(|most| most != "1");
    let control = labelled(state, field, "input")
        .fixed(|tag| tag.attr("type", "file").maybe("accept", accept(field)).flag("multiple", several()));
    let whole = part("div", "file").child(control);
    if !TAKES {
        return whole;
    }
    let name = field.name.clone();
    let files = move || state.look(|form| form.uploads.of(&name).map(|file| entry(state, file)).collect());
    let version = live(state, |form| form.uploads.version());
    let list = part("ul", "files").fixed(|tag| tag.attr("aria-live", "polite")).live_children(version, files);
    whole.child(list)
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

fn entry(state: State, file: &Upload) -> Tag {
    let Upload { number, field, name, state: progress } = file.clone();
    let label = state.look(|form| form.view().texts.fill("file.remove", &[("name", name.as_str())]));
    let (kind, note) = match progress {
        UploadState::Sending => ("sending", "…".to_owned()),
        UploadState::Stored(_) => ("stored", "✓".to_owned()),
        UploadState::Failed(reason) => ("failed", reason),
    };
    let remove = tag("button")
        .attr("part", "remove")
        .attr("type", "button")
        .attr("aria-label", label)
        .on("click", move |_| state.change(|form| form.remove_file(&field, number)))
        .child("×");
    tag("li")
        .attr("data-state", kind)
        .child(tag("span").attr("part", "file-name").child(name))
        .child(tag("span").attr("part", "file-note").child(note))
        .child(remove)
        .fixed(|tag| tag.children(kept(file)))
}

/// On a page without scripts the browser itself sends a stored file's id along, unless the visitor takes it back.
fn kept(file: &Upload) -> Option<Tag> {
    let UploadState::Stored(id) = &file.state else { return None };
    let tick = part("input", "input")
        .attr("type", "checkbox")
        .attr("name", file.field.clone())
        .attr("value", id.clone());
    Some(tick.flag("checked", true).attr("aria-label", file.name.clone()))
}
