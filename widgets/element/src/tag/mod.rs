//! An HTML element of any kind, as a Leptos view.
//!
//! Leptos' own elements have their attributes and children in their type, and every such type is compiled anew:
//! 5,000 functions for our forms. `Tag` is one type for all, with the same life: rendered by the gateway, hydrated or
//! built in the page, kept up to date by effects. It uses neither `innerHTML` nor style attributes.
//!
//! # Layout
//!
//! - [`Tag`] and its builder
//! - `html` a tag as text
//! - `dom` a tag in the page

mod dom;
mod html;

use std::borrow::Cow;

use leptos::prelude::RwSignal;
use leptos::prelude::With;
use send_wrapper::SendWrapper;
use web_sys::Event;

pub use dom::TagState;

/// An attribute's value or an element's text. As an attribute, `None` is absence.
pub type Value = Option<Cow<'static, str>>;

/// Something that follows signals.
pub type Live<T> = Box<dyn Fn() -> T + Send>;

type Handler = SendWrapper<Box<dyn FnMut(Event)>>;

/// An HTML element that is not in a page yet.
pub struct Tag {
    name: &'static str,
    attributes: Vec<(&'static str, Value)>,
    live: Vec<(&'static str, Live<Value>)>,
    listeners: Vec<(&'static str, Handler)>,
    content: Content,
}

/// What is inside an element. Text that changes has an element of its own.
enum Content {
    Nodes(Vec<Node>),
    Text(Live<Value>),
    List(Live<Vec<Tag>>),
}

/// A child of an element.
pub enum Node {
    /// An element.
    Tag(Tag),
    /// A text that never changes.
    Text(Cow<'static, str>),
}

/// An element of that name.
pub fn tag(name: &'static str) -> Tag {
    Tag { name, attributes: Vec::new(), live: Vec::new(), listeners: Vec::new(), content: Content::Nodes(Vec::new()) }
}

/// An element with a `part`, by which style sheets find it.
pub fn part(name: &'static str, part: &'static str) -> Tag {
    tag(name).attr("part", part)
}

/// A value that follows a signal.
pub fn live<T, V>(signal: RwSignal<T>, read: impl Fn(&T) -> V + Send + 'static) -> Live<V>
where
    T: Send + Sync + 'static,
{
    Box::new(move || signal.with(&read))
}

impl Tag {
    /// An attribute.
    pub fn attr(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attributes.push((name, Some(value.into())));
        self
    }

    /// An attribute that may be absent.
    pub fn maybe(mut self, name: &'static str, value: Option<String>) -> Self {
        self.attributes.push((name, value.map(Cow::Owned)));
        self
    }

    /// An attribute without a value that is there or not.
    pub fn flag(mut self, name: &'static str, on: bool) -> Self {
        self.attributes.push((name, on.then_some(Cow::Borrowed(""))));
        self
    }

    /// A flag that follows signals.
    pub fn live_flag(self, name: &'static str, on: Live<bool>) -> Self {
        self.live_attr(name, Box::new(move || on().then_some(Cow::Borrowed(""))))
    }

    /// An attribute that follows signals.
    pub fn live_attr(mut self, name: &'static str, value: Live<Value>) -> Self {
        self.live.push((name, value));
        self
    }

    /// A listener. It is removed with the element.
    pub fn on(mut self, event: &'static str, listener: impl FnMut(Event) + 'static) -> Self {
        self.listeners.push((event, SendWrapper::new(Box::new(listener))));
        self
    }

    /// A child: an element or a text that never changes.
    pub fn child(mut self, child: impl Into<Node>) -> Self {
        if let Content::Nodes(nodes) = &mut self.content {
            nodes.push(child.into());
        }
        self
    }

    /// Elements as children.
    pub fn children(self, children: impl IntoIterator<Item = Tag>) -> Self {
        children.into_iter().fold(self, Self::child)
    }

    /// A text that follows signals, as the only child.
    pub fn live_text(mut self, text: Live<String>) -> Self {
        self.content = Content::Text(Box::new(move || Some(Cow::Owned(text()))));
        self
    }

    /// Elements that follow signals, as the only children. They are built anew at every change.
    pub fn live_children(mut self, children: Live<Vec<Tag>>) -> Self {
        self.content = Content::List(children);
        self
    }
}

impl From<Tag> for Node {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<&'static str> for Node {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}
