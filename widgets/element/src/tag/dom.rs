//! Tags in the page: built, or hydrated from what the gateway rendered.
//!
//! One effect keeps all of them up to date: whatever is typed or answered changes the same two signals, so a subscription
//! for each attribute would run just as often, and cost a task each when a form is hydrated.

use leptos::prelude::{AddAnyAttr, Mountable, Render, RenderEffect, RenderHtml, untrack};
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Document, Element, Event, Node as DomNode};

use super::{Content, Inner, Live, Node, Tag, Tags, Value, html};

/// An element in the page, with what keeps it alive.
struct Shown {
    element: Element,
    attributes: Vec<(&'static str, Watched<Value>)>,
    content: Showing,
    _listeners: Vec<Closure<dyn FnMut(Event)>>,
}

/// What follows signals, with what it last was.
struct Watched<T> {
    read: Live<T>,
    last: Option<T>,
}

/// What is inside an element.
enum Showing {
    Children(Vec<Shown>),
    Text(Watched<Value>),
    List { version: Watched<u32>, tags: Live<Vec<Tag>>, children: Vec<Shown> },
}

/// Where an element comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The gateway rendered it: it shows the right thing, and not even an equal value is written to it.
    Gateway,
    /// It was created here.
    Page,
}

impl<T: PartialEq> Watched<T> {
    fn new(read: Live<T>) -> Self {
        Self { read, last: None }
    }

    /// The value, if it has to be written.
    fn changed(&mut self, origin: Origin) -> Option<&T> {
        let now = (self.read)();
        if self.last.as_ref() == Some(&now) {
            return None;
        }
        self.last = Some(now);
        self.last.as_ref().filter(|_| origin == Origin::Page)
    }
}

impl Shown {
    /// Brings the element up to date. `origin` is `Gateway` only the first time after a hydration.
    fn update(&mut self, origin: Origin) {
        for (name, value) in &mut self.attributes {
            if let Some(value) = value.changed(origin) {
                write_attribute(&self.element, name, value);
            }
        }
        match &mut self.content {
            Showing::Children(children) => children.iter_mut().for_each(|child| child.update(origin)),
            Showing::Text(text) => {
                if let Some(text) = text.changed(origin) {
                    self.element.set_text_content(text.as_deref());
                }
            }
            Showing::List { version, tags, children } => {
                if version.changed(origin).is_some() {
                    // Also what the gateway has rendered, which nobody has adopted.
                    self.element.set_text_content(None);
                    let nodes = untrack(tags).into_iter().map(Node::Tag).collect();
                    *children = adopt(&self.element, nodes, Origin::Page);
                }
                children.iter_mut().for_each(|child| child.update(Origin::Page));
            }
        }
    }
}

/// Creates the element with everything in it.
fn build(tag: Tag, document: &Document) -> Option<Shown> {
    let element = document.create_element(tag.0.name).ok()?;
    tag.0.attributes.iter().for_each(|(name, value)| write_attribute(&element, name, value));
    Some(enliven(tag, element, Origin::Page))
}

/// Attaches listeners and children.
fn enliven(tag: Tag, element: Element, origin: Origin) -> Shown {
    let Inner { live, listeners, content, .. } = *tag.0;
    let attributes = live.into_iter().map(|(name, read)| (name, Watched::new(read))).collect();
    let content = match content {
        Content::Nodes(nodes) => Showing::Children(adopt(&element, nodes, origin)),
        Content::Text(read) => Showing::Text(Watched::new(read)),
        Content::List { version, tags } => {
            Showing::List { version: Watched::new(version), tags, children: Vec::new() }
        }
    };
    let mut kept = Vec::with_capacity(listeners.len());
    for (event, handler) in listeners {
        let closure = Closure::wrap(handler);
        _ = element.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        kept.push(closure);
    }
    Shown { element, attributes, content, _listeners: kept }
}

/// Children: of a rendered element the elements that are there, in order; texts never change.
fn adopt(element: &Element, nodes: Vec<Node>, origin: Origin) -> Vec<Shown> {
    let Some(document) = element.owner_document() else { return Vec::new() };
    let mut rendered = element.first_element_child();
    let mut children = Vec::new();
    for node in nodes {
        match (node, origin) {
            (Node::Text(_), Origin::Gateway) => {}
            (Node::Text(text), Origin::Page) => _ = element.append_child(&document.create_text_node(&text)),
            (Node::Tag(tag), Origin::Gateway) => {
                let Some(found) = rendered else { break };
                rendered = found.next_element_sibling();
                children.push(enliven(tag, found, origin));
            }
            (Node::Tag(tag), Origin::Page) => children.extend(build(tag, &document).inspect(|child| {
                _ = element.append_child(&child.element);
            })),
        }
    }
    children
}

fn write_attribute(element: &Element, name: &str, value: &Value) {
    _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

/// Tags that are, or will be, all there is in one element of the page.
pub struct TagsState {
    tags: Vec<Tag>,
    shown: Option<(Element, RenderEffect<Vec<Shown>>)>,
}

impl Mountable for TagsState {
    fn unmount(&mut self) {
        if let Some((parent, effect)) = self.shown.take() {
            drop(effect);
            parent.set_text_content(None);
        }
    }

    /// Hydrates what is in `parent`, or fills it where it is empty.
    fn mount(&mut self, parent: &Element, _: Option<&DomNode>) {
        let rendered = parent.first_element_child().is_some();
        let mut origin = if rendered { Origin::Gateway } else { Origin::Page };
        let nodes = self.tags.drain(..).map(Node::Tag).collect();
        let mut first = Some(adopt(parent, nodes, origin));
        let effect = RenderEffect::new(move |before: Option<Vec<Shown>>| {
            let mut shown = before.or_else(|| first.take()).unwrap_or_default();
            shown.iter_mut().for_each(|one| one.update(origin));
            origin = Origin::Page;
            shown
        });
        self.shown = Some((parent.clone(), effect));
    }

    fn insert_before_this(&self, _: &mut dyn Mountable) -> bool {
        false
    }

    fn elements(&self) -> Vec<Element> {
        Vec::new()
    }
}

impl Render for Tags {
    type State = TagsState;

    fn build(self) -> TagsState {
        TagsState { tags: self.0.take(), shown: None }
    }

    fn rebuild(self, state: &mut TagsState) {
        let parent = state.shown.as_ref().map(|(parent, _)| parent.clone());
        state.unmount();
        *state = self.build();
        parent.iter().for_each(|parent| state.mount(parent, None));
    }
}

impl AddAnyAttr for Tags {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for Tags {
    type AsyncOutput = Self;
    type Owned = Self;
    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
        self.0.iter().for_each(|tag| html::write(tag, html));
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, _: &PositionState) -> TagsState {
        let mut state = self.build();
        cursor.current().dyn_ref().iter().for_each(|parent| state.mount(parent, None));
        state
    }

    fn into_owned(self) -> Self {
        self
    }
}
