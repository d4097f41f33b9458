//! Takes out of the module's JavaScript half what the module does not ask for.

use std::collections::HashSet;

use anyhow::{Context, Result, ensure};
use walrus::Module;

/// What the script exports for its loading, as wasm-bindgen writes it and as `app.js` uses it: its own loading covers
/// everything that could be handed to it, which is a kilobyte.
const LOADING: [&str; 2] = [
    "export { initSync, __wbg_init as default };\n",
    "export { __wbg_get_imports as imports, __wbg_finalize_init as begin };\n",
];

/// Removes from the JavaScript half what the finished module does not import, and its own way of loading.
///
/// # Errors
/// When `wasm` is no module, or the JavaScript is laid out in another way than wasm-bindgen does.
pub fn glue(script: &str, wasm: &[u8]) -> Result<String> {
    let module = Module::from_buffer(wasm)?;
    let imported: HashSet<&str> = module.imports.iter().map(|import| import.name.as_str()).collect();
    let start = script.find("    const import0 = {").context("wasm-bindgen's script has no imports")?;
    let length =
        script.get(start..).and_then(|rest| rest.find("\n    };")).context("its imports have no end")?;
    let (before, rest) = script.split_at(start);
    let (imports, after) = rest.split_at(length);
    let kept: String = entries(imports).filter(|entry| is_imported(entry, &imported)).collect();
    ensure!(
        kept.matches(": function(").count() == imported.len(),
        "wasm-bindgen's script lists its imports in a new way"
    );
    ensure!(after.ends_with(LOADING[0]), "wasm-bindgen's script exports its loading in a new way");
    Ok([before, &kept, after].concat().replace(LOADING[0], LOADING[1]))
}

/// The lines of an object, entry by entry; the first piece is what opens it.
fn entries(imports: &str) -> impl Iterator<Item = String> {
    let mut entries: Vec<String> = Vec::new();
    for line in imports.split_inclusive('\n') {
        let continues = line.starts_with("         ") || line.starts_with("        }");
        match entries.last_mut() {
            Some(entry) if continues => entry.push_str(line),
            _ => entries.push(line.to_owned()),
        }
    }
    entries.into_iter()
}

fn is_imported(entry: &str, imported: &HashSet<&str>) -> bool {
    entry.split_once(": function(").is_none_or(|(name, _)| imported.contains(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::{entries, is_imported};

    const IMPORTS: &str = "    const import0 = {\n        __proto__: null,\n        a_1: function(arg0) {\n            \
                           return arg0;\n        },\n        b_2: function() { return f(function() {\n            \
                           g();\n        }, arguments); },\n";

    #[test]
    fn keeps_what_is_imported() {
        let kept: String = entries(IMPORTS).filter(|entry| is_imported(entry, &["b_2"].into())).collect();
        assert!(kept.contains("__proto__") && kept.contains("b_2: function() {") && kept.contains("g();"));
        assert!(!kept.contains("a_1") && !kept.contains("return arg0"));
    }
}
