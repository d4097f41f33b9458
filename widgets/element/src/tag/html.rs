//! A tag as text, for the gateway.

use super::{Content, Node, Tag};

/// Elements that have no end tag.
const VOID: [&str; 4] = ["input", "br", "hr", "img"];

/// Writes a tag with everything in it.
pub fn write(Tag(tag): &Tag, html: &mut String) {
    html.extend(["<", tag.name]);
    let fixed = tag.attributes.iter().map(|(name, value)| (*name, value.clone()));
    let live = tag.live.iter().map(|(name, value)| (*name, value()));
    for (name, value) in fixed.chain(live) {
        match value.as_deref() {
            None => {}
            Some("") => html.extend([" ", name]),
            Some(value) => html.extend([" ", name, "=\"", &escape(value), "\""]),
        }
    }
    html.push('>');
    if !VOID.contains(&tag.name) {
        write_content(&tag.content, html);
        html.extend(["</", tag.name, ">"]);
    }
}

fn write_content(content: &Content, html: &mut String) {
    match content {
        Content::Text(text) => html.push_str(&escape(&text().unwrap_or_default())),
        Content::List { tags, .. } => tags().iter().for_each(|tag| write(tag, html)),
        Content::Nodes(nodes) => {
            for node in nodes {
                match node {
                    Node::Tag(tag) => write(tag, html),
                    Node::Text(text) => html.push_str(&escape(text)),
                }
            }
        }
    }
}

/// Text as it may stand in an element or in a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
