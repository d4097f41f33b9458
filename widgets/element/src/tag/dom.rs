//! A tag in the page: built, or hydrated from what the gateway rendered.

use leptos::prelude::{AddAnyAttr, Mountable, Render, RenderEffect, RenderHtml, untrack};
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::view::{Position, PositionState};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Document, Element, Event, Node as DomNode};

use super::{Content, Inner, Live, Node, Tag, Value, html};

/// An element in the page, with what keeps it alive.
pub struct TagState {
    element: Element,
    _effects: Vec<RenderEffect<Value>>,
    _list: Option<RenderEffect<(u32, Vec<TagState>)>>,
    _children: Vec<TagState>,
    listeners: Vec<(&'static str, Closure<dyn FnMut(Event)>)>,
}

/// Where an element comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The gateway rendered it: it shows the right thing, and not even an equal value is written to it.
    Gateway,
    /// It was just created.
    New,
}

/// Creates the element with everything in it.
fn build(tag: Tag, document: &Document) -> Option<TagState> {
    let element = document.create_element(tag.0.name).ok()?;
    for (name, value) in &tag.0.attributes {
        write_attribute(&element, name, value);
    }
    Some(enliven(tag, element, Origin::New))
}

/// Attaches listeners, effects and children.
fn enliven(tag: Tag, element: Element, origin: Origin) -> TagState {
    let Inner { live, listeners, content, .. } = *tag.0;
    let follow_attribute = |(name, read): (&'static str, Live<Value>)| {
        follow(&element, origin, read, move |element, value| write_attribute(element, name, value))
    };
    let mut effects: Vec<_> = live.into_iter().map(follow_attribute).collect();
    let (mut list, mut children) = (None, Vec::new());
    match content {
        Content::Nodes(nodes) => children = adopt(&element, nodes, origin),
        Content::Text(read) => effects.push(follow(&element, origin, read, |element, text| {
            element.set_text_content(text.as_deref());
        })),
        Content::List { version, tags } => list = Some(follow_list(&element, version, tags)),
    }
    let listeners =
        listeners.into_iter().map(|(event, handler)| listen(&element, event, handler.take())).collect();
    TagState { element, _effects: effects, _list: list, _children: children, listeners }
}

/// Children: of a rendered element the elements that are there, in order; texts never change.
fn adopt(element: &Element, nodes: Vec<Node>, origin: Origin) -> Vec<TagState> {
    let Some(document) = element.owner_document() else { return Vec::new() };
    let mut rendered = element.first_element_child();
    let mut children = Vec::new();
    for node in nodes {
        match (node, origin) {
            (Node::Text(_), Origin::Gateway) => {}
            (Node::Text(text), Origin::New) => _ = element.append_child(&document.create_text_node(&text)),
            (Node::Tag(tag), Origin::Gateway) => {
                let Some(found) = rendered else { break };
                rendered = found.next_element_sibling();
                children.push(enliven(tag, found, origin));
            }
            (Node::Tag(tag), Origin::New) => children.extend(build(tag, &document).inspect(|child| {
                _ = element.append_child(&child.element);
            })),
        }
    }
    children
}

/// Writes a value whenever it has changed.
fn follow(
    element: &Element,
    origin: Origin,
    read: Live<Value>,
    write: impl Fn(&Element, &Value) + 'static,
) -> RenderEffect<Value> {
    let (element, write): (_, Box<dyn Fn(&Element, &Value)>) = (element.clone(), Box::new(write));
    RenderEffect::new(move |before: Option<Value>| {
        let now = read();
        let shown = match &before {
            Some(before) => *before == now,
            None => origin == Origin::Gateway,
        };
        if !shown {
            write(&element, &now);
        }
        now
    })
}

/// Builds the children anew whenever their version has changed. Only the version is tracked.
fn follow_list(
    element: &Element,
    version: Live<u32>,
    tags: Box<dyn Fn() -> Vec<Tag> + Send>,
) -> RenderEffect<(u32, Vec<TagState>)> {
    let element = element.clone();
    RenderEffect::new(move |before: Option<(u32, Vec<TagState>)>| {
        let now = version();
        if let Some((then, children)) = before {
            if then == now {
                return (then, children);
            }
            children.into_iter().for_each(|mut child| child.unmount());
        }
        let nodes = untrack(&tags).into_iter().map(Node::Tag).collect();
        (now, adopt(&element, nodes, Origin::New))
    })
}

fn listen(
    element: &Element,
    event: &'static str,
    handler: Box<dyn FnMut(Event)>,
) -> (&'static str, Closure<dyn FnMut(Event)>) {
    let closure = Closure::wrap(handler);
    _ = element.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    (event, closure)
}

fn write_attribute(element: &Element, name: &str, value: &Value) {
    _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

impl Drop for TagState {
    /// The element may outlive its state: a hydrated view leaves its nodes behind.
    fn drop(&mut self) {
        for (event, closure) in &self.listeners {
            _ = self.element.remove_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        }
    }
}

impl Mountable for TagState {
    fn unmount(&mut self) {
        self.element.remove();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&DomNode>) {
        _ = parent.insert_before(&self.element, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = self.element.parent_element();
        parent.inspect(|parent| child.mount(parent, Some(&self.element))).is_some()
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element.clone()]
    }
}

impl Render for Tag {
    type State = Option<TagState>;

    fn build(self) -> Self::State {
        build(self, &web_sys::window()?.document()?)
    }

    fn rebuild(self, state: &mut Self::State) {
        let mut fresh = self.build();
        if let (Some(old), Some(new)) = (state.as_mut(), fresh.as_mut()) {
            old.insert_before_this(new);
            old.unmount();
        }
        *state = fresh;
    }
}

impl AddAnyAttr for Tag {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self {
        self
    }
}

impl RenderHtml for Tag {
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
        html::write(&self, html);
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> Self::State {
        cursor.advance_to_placeholder(position);
        let element = cursor.current().dyn_into().ok()?;
        Some(enliven(self, element, Origin::Gateway))
    }

    fn into_owned(self) -> Self {
        self
    }
}
