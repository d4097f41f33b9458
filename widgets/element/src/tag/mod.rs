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

use send_wrapper::SendWrapper;
use web_sys::Event;

pub use dom::TagsState;
pub use html::escape;

use crate::shared::Shared;

/// An attribute's value or an element's text. As an attribute, `None` is absence.
pub type Value = Option<Cow<'static, str>>;

/// Something that follows signals.
pub type Live<T> = Box<dyn Fn() -> T>;

type Handler = Box<dyn FnMut(Event)>;

/// An HTML element that is not in a page yet. Boxed: views hand it on at every step.
pub struct Tag(Box<Inner>);

/// Tags as a Leptos view: all there is in the element they are mounted to. They stay on the thread that made them.
pub struct Tags(SendWrapper<Vec<Tag>>);

impl Tags {
    /// These tags, in order.
    pub fn new(tags: Vec<Tag>) -> Self {
        Self(SendWrapper::new(tags))
    }
}

struct Inner {
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
    List { version: Live<u32>, tags: Live<Vec<Tag>> },
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
    let (attributes, live, listeners) = (Vec::new(), Vec::new(), Vec::new());
    Tag(Box::new(Inner { name, attributes, live, listeners, content: Content::Nodes(Vec::new()) }))
}

/// An element of the first view with a `part`, by which style sheets find it.
pub fn part(name: &'static str, part: &'static str) -> Tag {
    tag(name).fixed(|tag| tag.attr("part", part))
}

/// An element of the first view that never changes, with everything in it.
#[inline(always)]
pub fn still(build: impl FnOnce() -> Tag) -> Tag {
    if BUILDS { build() } else { tag("") }
}

/// Whether first views are built here. The page's module only brings to life what the gateway has built, and does
/// without everything that never changes afterwards: half of the view's code. Direct mode has no gateway to build.
const BUILDS: bool = cfg!(any(not(target_arch = "wasm32"), feature = "build"));

/// Whether this is the gateway: what only pages without scripts need is left out of the page's modules.
pub const ON_GATEWAY: bool = cfg!(not(target_arch = "wasm32"));

/// A value that follows a state.
pub fn live<T, V>(state: Shared<T>, read: impl Fn(&T) -> V + 'static) -> Live<V>
where
    T: Send + Sync + 'static,
    V: Default + 'static,
{
    Box::new(move || state.follow(&read))
}

impl Tag {
    /// What never changes in an element of the first view: attributes and texts. The code in it is only where first
    /// views are built.
    #[inline(always)]
    pub fn fixed(self, write: impl FnOnce(Self) -> Self) -> Self {
        if BUILDS { write(self) } else { self }
    }

    /// An attribute.
    #[inline(never)]
    pub fn attr(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.push(name, Some(value.into()))
    }

    /// An attribute that may be absent.
    #[inline(never)]
    pub fn maybe(self, name: &'static str, value: Option<String>) -> Self {
        self.push(name, value.map(Cow::Owned))
    }

    /// An attribute without a value that is there or not.
    #[inline(never)]
    pub fn flag(self, name: &'static str, on: bool) -> Self {
        self.push(name, on.then_some(Cow::Borrowed("")))
    }

    /// A flag that follows signals.
    #[inline(never)]
    pub fn live_flag(self, name: &'static str, on: Live<bool>) -> Self {
        self.live_attr(name, Box::new(move || on().then_some(Cow::Borrowed(""))))
    }

    /// An attribute that follows signals.
    #[inline(never)]
    pub fn live_attr(mut self, name: &'static str, value: Live<Value>) -> Self {
        self.0.live.push((name, value));
        self
    }

    /// A listener. It is removed with the element.
    pub fn on(self, event: &'static str, listener: impl FnMut(Event) + 'static) -> Self {
        self.listen(event, Box::new(listener))
    }

    /// A child: an element or a text that never changes.
    #[inline(never)]
    pub fn child(self, child: impl Into<Node>) -> Self {
        self.append(child.into())
    }

    /// Elements as children.
    pub fn children(self, children: impl IntoIterator<Item = Tag>) -> Self {
        children.into_iter().fold(self, |tag, child| tag.append(Node::Tag(child)))
    }

    /// A text that follows signals, as the only child.
    #[inline(never)]
    pub fn live_text(mut self, text: Live<String>) -> Self {
        self.0.content = Content::Text(Box::new(move || Some(Cow::Owned(text()))));
        self
    }

    /// Elements as the only children, built anew whenever `version` changes.
    pub fn live_children(mut self, version: Live<u32>, tags: impl Fn() -> Vec<Tag> + 'static) -> Self {
        self.0.content = Content::List { version, tags: Box::new(tags) };
        self
    }

    #[inline(never)]
    fn push(mut self, name: &'static str, value: Value) -> Self {
        self.0.attributes.push((name, value));
        self
    }

    #[inline(never)]
    fn append(mut self, child: Node) -> Self {
        if let Content::Nodes(nodes) = &mut self.0.content {
            nodes.push(child);
        }
        self
    }

    #[inline(never)]
    fn listen(mut self, event: &'static str, listener: Handler) -> Self {
        self.0.listeners.push((event, listener));
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
