//! The browser's half: Rust → WebAssembly → smaller WebAssembly, scripts and style bundled, all into `target/assets`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};
use serde_json::json;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

use crate::assets::{self, Asset};
use crate::names;
use crate::order;
use crate::prune;
use crate::setup::{self, WASM, WasmCompiler};
use crate::tool::{self, cargo, quietly, run, say};

/// Features every browser with modules has. `--all-features` would emit what browsers refuse.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Where Cargo looks for the compiler's flags for this target.
const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Smaller than `-Oz` alone by a hundredth as it is sent: what is compressed finds more of itself where less is inlined.
/// Without `--traps-never-happen`: after a bug the module has to stop.
const PASSES: [&str; 16] = [
    "--low-memory-unused",
    "--closed-world",
    "--one-caller-inline-max-function-size=20",
    "--always-inline-max-function-size=4",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--dae-optimizing",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--dae-optimizing",
    "-Oz",
    "--converge",
];

/// Folders and files whose change needs another build.
const INPUTS: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "widgets",
    "xtask/src/module.rs",
    "xtask/src/assets.rs",
    "xtask/src/names.rs",
    "xtask/src/order.rs",
    "xtask/src/prune.rs",
    "xtask/src/setup.rs",
    "xtask/tools/package-lock.json",
];

/// One WebAssembly module with the script that loads it, `widgets/element/js/NAME.js`.
#[derive(Clone, Copy)]
struct Flavour {
    name: &'static str,
    features: &'static str,
}

/// `app` brings to life what a gateway has rendered; `direct` renders as well, for pages without a gateway; `booking`
/// renders each step that follows the first. A module for each element: contact's does not grow by booking.
const FLAVOURS: [Flavour; 3] = [
    Flavour { name: "app", features: "contact" },
    Flavour { name: "direct", features: "contact,build" },
    Flavour { name: "booking", features: "booking,build" },
];

/// The style sheets by what they are named after: that of all elements' first views, and booking's own.
const SHEETS: [(&str, &[&str]); 2] =
    [("style", &["element", "form", "contact"]), ("booking-style", &["booking"])];

/// Builds `target/assets`, or finds that it is up to date, and tells the folder.
///
/// # Errors
/// When a tool is missing and cannot be installed, or a step fails.
pub fn build() -> Result<PathBuf> {
    let folder = assets::folder();
    let stamp = tool::target().join("browser/stamp");
    let inputs = fingerprint()?;
    if folder.join("embed.js").is_file() && std::fs::read_to_string(&stamp).is_ok_and(|old| old == inputs) {
        return Ok(folder);
    }
    let started = Instant::now();
    let work = tool::target().join("browser");
    std::fs::create_dir_all(&work)?;
    let tools = setup::npm_tools()?;
    let mut modules = Vec::new();
    for flavour in FLAVOURS {
        let wasm = bind(&compile(flavour)?, &work.join(flavour.name))?;
        modules.push((flavour.name, shrink(&wasm, &work, &tools)?));
    }
    let fresh = work.join("assets");
    write_all(&fresh, &modules, &tools)?;
    // Swapped as a whole, so that a running gateway never serves half of two builds.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::rename(&fresh, &folder)?;
    std::fs::write(&stamp, inputs)?;
    say(&format!("built {} in {:.0} s", folder.display(), started.elapsed().as_secs_f32()));
    Ok(folder)
}

/// Rust → WebAssembly.
fn compile(flavour: Flavour) -> Result<PathBuf> {
    let compiler = setup::wasm_compiler()?;
    say(&format!("compiling the elements to WebAssembly: {}", flavour.name));
    match run(&mut compile_command(compiler, flavour)) {
        // Its dependencies may be out of reach; where std was built, the failure is ours.
        Err(error) if compiler == WasmCompiler::OwnWithSources && !std_was_built() => {
            say(&format!("std cannot be built here, going on with the one that came ({error})"));
            run(&mut compile_command(WasmCompiler::Own, flavour))?;
        }
        outcome => outcome?,
    }
    Ok(compiled())
}

fn compiled() -> PathBuf {
    tool::target().join(WASM).join("wasm/crm_bundle.wasm")
}

fn std_was_built() -> bool {
    let built = std::fs::read_dir(tool::target().join(WASM).join("wasm/deps"));
    built.is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
    })
}

fn compile_command(compiler: WasmCompiler, flavour: Flavour) -> Command {
    let arguments = ["build", "--package", "crm-bundle", "--lib", "--profile", "wasm", "--target", WASM];
    let mut command = cargo(&arguments);
    command.args(["--no-default-features", "--features", flavour.features]);
    command.env_remove("RUSTFLAGS");
    if compiler == WasmCompiler::Own {
        return command;
    }
    command.args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    // All unstable: std is compiled again, for size, a panic becomes one trap instruction, and nothing is described.
    command.env("RUSTC_BOOTSTRAP", "1");
    let small = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none";
    command.env(FLAGS, small);
    if compiler == WasmCompiler::Debian {
        let mut debian = Command::new("/usr/bin/cargo");
        debian.args(command.get_args()).current_dir(tool::root());
        debian.envs(command.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
        debian.env("RUSTC", "/usr/bin/rustc").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
        return debian;
    }
    command
}

/// WebAssembly → the same with its JavaScript half, `module.js` and `module_bg.wasm`.
fn bind(wasm: &Path, work: &Path) -> Result<PathBuf> {
    let out = work.join("bindgen");
    let mut output = Bindgen::new()
        .input_path(wasm)
        .out_name("module")
        .web(true)?
        .typescript(false)
        .remove_producers_section(true)
        .omit_default_module_path(true)
        .encode_into(EncodeInto::Always)
        .generate_output()
        .context("wasm-bindgen")?;
    output.emit(&out).context("wasm-bindgen")?;
    let [script, wasm] = ["module.js", "module_bg.wasm"].map(|name| out.join(name));
    std::fs::write(&script, names::shorten(output.wasm_mut(), &std::fs::read_to_string(&script)?)?)?;
    std::fs::write(&wasm, output.wasm_mut().emit_wasm())?;
    Ok(wasm)
}

fn shrink(wasm: &Path, work: &Path, tools: &Path) -> Result<Vec<u8>> {
    let small = work.join("small.wasm");
    let optimize = |from: &Path, passes: &[&str]| {
        let optimizer = tools.join("node_modules/.bin/wasm-opt");
        quietly(Command::new(optimizer).arg(from).args(passes).args(WASM_FEATURES).arg("-o").arg(&small))
    };
    optimize(wasm, &PASSES)?;
    std::fs::write(&small, order::by_likeness(&std::fs::read(&small)?)?)?;
    optimize(&small, &["--reorder-functions-by-name"])?;
    let small = std::fs::read(small)?;
    let script = wasm.with_file_name("module.js");
    std::fs::write(&script, prune::glue(&std::fs::read_to_string(&script)?, &small)?)?;
    Ok(small)
}

fn write_all(folder: &Path, modules: &[(&str, Vec<u8>)], tools: &Path) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder)?;
    let mut inside = json!({});
    for (name, widgets) in SHEETS {
        let sheet = bundle(tools, &style_source(name, widgets)?, &[])?;
        inside[name] = assets::write_hashed(folder, name, "css", &sheet)?.hash.into();
    }
    let mut texts = serde_json::Map::new();
    for (lang, bytes) in catalogues()? {
        let asset = assets::write_hashed(folder, &format!("texts-{lang}"), "json", &bytes)?;
        texts.insert(lang, pair(&asset));
    }
    // From the leaves up: what loads a file has its name and integrity inside.
    for (name, wasm) in modules {
        let wasm = assets::write_hashed(folder, name, "wasm", wasm)?;
        let module = tool::target().join("browser").join(name).join("bindgen/module.js");
        let extra = [define("WASM", &pair(&wasm)), format!("--alias:crm-module={}", module.display())];
        inside[*name] =
            assets::write_hashed(folder, name, "js", &bundle(tools, &script(name), &extra)?)?.hash.into();
    }
    let direct = [define("TEXTS", &texts.into()), define("DIRECT", &inside["direct"])];
    for (name, extra) in [("plain", &direct[..]), ("dialog", &[])] {
        inside[name] =
            assets::write_hashed(folder, name, "js", &bundle(tools, &script(name), extra)?)?.hash.into();
    }
    // What a view names the loader need not know.
    let known = ["app", "dialog", "plain", "style"].map(|name| (name.to_owned(), inside[name].clone()));
    let known = known.into_iter().collect::<serde_json::Map<_, _>>().into();
    let embed = bundle(tools, &script("embed"), &[define("ASSETS", &known)])?;
    assets::write(folder, "embed.js", &embed)
}

fn define(name: &str, value: &serde_json::Value) -> String {
    format!("--define:__{name}__={value}")
}

fn pair(asset: &Asset) -> serde_json::Value {
    json!([asset.name, format!("sha256-{}", asset.hash)])
}

fn script(name: &str) -> PathBuf {
    tool::root().join("widgets/element/js").join(name).with_extension("js")
}

fn bundle(tools: &Path, entry: &Path, extra: &[String]) -> Result<Vec<u8>> {
    let out = tool::target().join("browser/bundled");
    quietly(
        Command::new(tools.join("node_modules/.bin/esbuild"))
            .arg(entry)
            .args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--charset=utf8"])
            .args(["--legal-comments=none", "--log-level=warning", "--define:FinalizationRegistry=undefined"])
            .arg(format!("--outfile={}", out.display()))
            .args(extra),
    )?;
    Ok(std::fs::read(out)?)
}

/// One sheet of several crates', in the order in which they use each other.
fn style_source(name: &str, widgets: &[&str]) -> Result<PathBuf> {
    let mut sheets = String::new();
    for widget in widgets {
        let folder = tool::root().join("widgets").join(widget);
        for path in
            files_below(&folder)?.iter().filter(|path| path.extension().is_some_and(|end| end == "css"))
        {
            sheets.push_str(&std::fs::read_to_string(path)?);
        }
    }
    let path = tool::target().join("browser").join(name).with_extension("css");
    std::fs::write(&path, sheets)?;
    Ok(path)
}

/// Our own texts by language, for pages without a gateway; elsewhere a view carries them.
fn catalogues() -> Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for path in files_below(&tool::root().join("widgets/protocol/texts"))? {
        if let Some(lang) = path.file_stem().and_then(|stem| stem.to_str()) {
            let mut texts: serde_json::Map<_, _> = serde_json::from_slice(&std::fs::read(&path)?)?;
            texts.retain(|key, _| {
                !["booking.", "page.", "crm.", "mail."].iter().any(|room| key.starts_with(room))
            });
            let texts = serde_json::Value::from(texts);
            found.push((lang.to_owned(), texts.to_string().into_bytes()));
        }
    }
    Ok(found)
}

fn fingerprint() -> Result<String> {
    let mut hash = Sha256::new();
    for input in INPUTS {
        for path in files_below(&tool::root().join(input))? {
            hash.update(path.to_string_lossy().as_bytes());
            hash.update(std::fs::read(&path)?);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// All files below a folder, sorted; the file itself when it is one; none when there is nothing.
fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            files.extend(files_below(&entry?.path())?);
        }
    }
    files.sort();
    Ok(files)
}
