//! Short names for what the module and its JavaScript half know each other by.
//!
//! wasm-bindgen's names carry a hash each. They are the same bytes twice, in both files, and do not compress.

use std::collections::{HashMap, HashSet};

use anyhow::{Result, ensure};
use walrus::Module;

/// The object of imports, as wasm-bindgen writes it and as it is called here.
const IMPORTS: [&str; 2] = ["\"./module_bg.js\": import0", "m: import0"];

/// What the script writes before the name of an export.
const EXPORT: &str = "wasm.";

/// New names by old ones.
type Names = HashMap<String, String>;

/// Renames all imports and exports, removes the exports that `script` does not ask for, and returns the script with
/// the new names.
///
/// # Errors
/// When the script is laid out in another way than wasm-bindgen does.
pub fn shorten(module: &mut Module, script: &str) -> Result<String> {
    ensure!(script.matches(IMPORTS[0]).count() == 1, "wasm-bindgen's script names its imports in a new way");
    remove_idle(module, script);
    let mut fresh = (0..).map(letters);
    let mut rename = |name: &mut String| {
        let short = fresh.next().unwrap_or_default();
        (std::mem::replace(name, short.clone()), short)
    };
    let imports: Names = module.imports.iter_mut().map(|import| rename(&mut import.name)).collect();
    let exports: Names = module.exports.iter_mut().map(|export| rename(&mut export.name)).collect();
    module.imports.iter_mut().for_each(|import| "m".clone_into(&mut import.module));
    let script = script.replace(IMPORTS[0], IMPORTS[1]);
    let script: String = script.split_inclusive('\n').map(|line| with_import(line, &imports)).collect();
    Ok(with_exports(&script, &exports))
}

fn remove_idle(module: &mut Module, script: &str) {
    let asked: HashSet<&str> = script.split(EXPORT).skip(1).map(word).collect();
    let idle = module.exports.iter().filter(|export| !asked.contains(export.name.as_str()));
    let idle: Vec<_> = idle.map(|export| export.id()).collect();
    idle.into_iter().for_each(|id| module.exports.delete(id));
}

/// A line with the new name of the import that it begins.
fn with_import(line: &str, names: &Names) -> String {
    let renamed = line.split_once(": function(").and_then(|(old, rest)| {
        let short = names.get(old.trim_start())?;
        Some(["        ", short, ": function(", rest].concat())
    });
    renamed.unwrap_or_else(|| line.to_owned())
}

fn with_exports(script: &str, names: &Names) -> String {
    let mut parts = script.split(EXPORT);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let old = word(part);
        renamed.push_str(EXPORT);
        renamed.push_str(names.get(old).map_or(old, String::as_str));
        renamed.push_str(part.strip_prefix(old).unwrap_or_default());
    }
    renamed
}

/// The name a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '$');
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// `a` … `z`, `aa`, …
fn letters(number: u32) -> String {
    let letter = char::from_u32(97 + number % 26).unwrap_or_default();
    match number / 26 {
        0 => letter.to_string(),
        more => [letters(more - 1), letter.to_string()].concat(),
    }
}

#[cfg(test)]
mod tests {
    use walrus::Module;

    use super::{letters, shorten};

    const SCRIPT: &str = "const import0 = {\n        b_17: function(arg0) {\n            return b_17;\n        },\n};\n\
                          return { \"./module_bg.js\": import0 };\nfunction run() {\n    wasm.run(wasm.memory);\n}\n";

    #[test]
    fn both_halves_know_each_other_by_the_same_short_names() {
        let mut module = Module::default();
        let kind = module.types.add(&[], &[]);
        let (function, _) = module.add_import_func("./module_bg.js", "b_17", kind);
        for name in ["run", "memory", "idle"] {
            module.exports.add(name, function);
        }
        let script = shorten(&mut module, SCRIPT).expect("a script");
        assert!(module.imports.iter().all(|import| import.module == "m" && import.name == "a"));
        let exports: Vec<_> = module.exports.iter().map(|export| export.name.as_str()).collect();
        assert_eq!(exports, ["b", "c"]);
        assert!(script.contains("        a: function(arg0) {\n            return b_17;"));
        assert!(script.contains("m: import0") && script.contains("function run() {\n    wasm.b(wasm.c);"));
    }

    #[test]
    fn letters_never_repeat() {
        assert_eq!([0, 25, 26, 51, 52, 255].map(letters), ["a", "z", "aa", "az", "ba", "iv"]);
    }
}
