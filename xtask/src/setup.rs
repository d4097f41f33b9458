//! Finds what a command needs and installs what is missing, saying what it does.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tool::{self, on_path, quietly, say};

/// The compiler's name of the browser.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Which compiler builds the module for the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasmCompiler {
    /// The one in use, with its own sources: std is built for size too.
    OwnWithSources,
    /// The one in use, with the std it came with.
    Own,
    /// Debian's, which brings the sources of its std, where the one in use has no std for the browser.
    Debian,
}

/// Makes sure that something can compile for the browser.
///
/// # Errors
/// When neither rustup nor Debian's packages can bring a std for it.
pub fn wasm_compiler() -> Result<WasmCompiler> {
    if !has_library(WASM)? {
        say(&format!("installing the Rust target {WASM}"));
        if let Err(error) = quietly(Command::new("rustup").args(["target", "add", WASM])) {
            say(&format!("rustup cannot bring it ({})", first_line(&error)));
            return debian();
        }
    }
    if !has_sources()? {
        say("installing the sources of Rust's std, to build it for size");
        if let Err(error) = quietly(Command::new("rustup").args(["component", "add", "rust-src"])) {
            say(&format!("going on with std as it came, so the module is larger ({})", first_line(&error)));
            return Ok(WasmCompiler::Own);
        }
    }
    Ok(WasmCompiler::OwnWithSources)
}

/// Makes sure of Node 18 or newer and of npm, and tells Node's major version.
///
/// # Errors
/// When they are missing and cannot be installed.
pub fn node() -> Result<u32> {
    if !on_path("node") || !on_path("npm") {
        apt(&["nodejs", "npm"])?;
    }
    let version = quietly(Command::new("node").arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    match major {
        Some(major @ 18..) => Ok(major),
        _ => bail!("Node 18 or newer is needed, found {}", version.trim()),
    }
}

/// Installs the npm packages of `xtask/tools/package-lock.json`, and tells their folder.
///
/// # Errors
/// When Node is missing or npm fails.
pub fn npm_tools() -> Result<PathBuf> {
    node()?;
    npm("tools", "esbuild, binaryen, playwright-core, axe-core, ical.js")
}

/// Installs the npm packages of a lock file in that folder of `xtask` into the same folder of `target`, and tells it.
///
/// # Errors
/// When npm fails.
pub fn npm(folder: &str, packages: &str) -> Result<PathBuf> {
    let source = tool::root().join("xtask").join(folder);
    let folder = tool::target().join(folder);
    let lock = std::fs::read(source.join("package-lock.json"))
        .with_context(|| format!("{}/package-lock.json", source.display()))?;
    let done = folder.join("installed.json");
    if std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        return Ok(folder);
    }
    say(&format!("installing npm packages: {packages}"));
    std::fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(source.join(name), folder.join(name))?;
    }
    // No package needs its install script here, so none is run.
    quietly(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder),
    )?;
    std::fs::write(done, lock)?;
    Ok(folder)
}

/// What the browser tests run in.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn browsers() -> Result<()> {
    npm_tools()?;
    let needed = [
        ("/usr/bin/chromium", "chromium"),
        ("/usr/bin/firefox-esr", "firefox-esr"),
        ("/usr/bin/WebKitWebDriver", "webkit2gtk-driver"),
        ("/usr/bin/Xvfb", "xvfb"),
    ];
    install_missing(&needed)
}

/// What the tests of the store start for themselves.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn postgresql() -> Result<()> {
    let folder = std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut versions| versions.next().is_some());
    if folder { Ok(()) } else { apt(&["postgresql"]) }
}

/// Installs schemathesis into a Python environment of its own, and tells where it is.
///
/// # Errors
/// When Python is missing, or its package index cannot be reached.
pub fn schemathesis() -> Result<PathBuf> {
    let python = Path::new("python3");
    if quietly(Command::new(python).args(["-c", "import ensurepip, venv"])).is_err() {
        apt(&["python3", "python3-venv"])?;
    }
    Ok(python_tools(python, "tools", "tools/python", "schemathesis")?.join("bin/schemathesis"))
}

/// Installs what `requirements.txt` in a folder of `xtask` wants into an environment of that Python in a folder of
/// `target`, and tells that. Whatever else is in there goes when the requirements change.
///
/// # Errors
/// When Python's package index cannot be reached.
pub fn python_tools(python: &Path, source: &str, folder: &str, what: &str) -> Result<PathBuf> {
    let requirements = tool::root().join("xtask").join(source).join("requirements.txt");
    let wanted = std::fs::read(&requirements).with_context(|| requirements.display().to_string())?;
    let folder = tool::target().join(folder);
    let done = folder.join("installed.txt");
    if std::fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    say(&format!("installing a Python environment in {}, and {what} into it", folder.display()));
    std::fs::create_dir_all(&folder)?;
    quietly(Command::new(python).args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    quietly(pip.arg(&requirements))?;
    std::fs::write(done, wanted)?;
    Ok(folder)
}

/// What watches that an acknowledgement follows a sync.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn strace() -> Result<()> {
    install_missing(&[("/usr/bin/strace", "strace")])
}

fn install_missing(needed: &[(&str, &'static str)]) -> Result<()> {
    let missing: Vec<&str> =
        needed.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, package)| *package).collect();
    if missing.is_empty() { Ok(()) } else { apt(&missing) }
}

/// Installs Debian packages of which something is missing.
///
/// # Errors
/// When this is not a Debian-like system or the packages cannot be had; the message says what to install by hand.
pub fn apt(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if !on_path("apt-get") {
        bail!("please install these and start again: {names}");
    }
    say(&format!("installing Debian packages: {names}"));
    let install = || quietly(apt_get().args(["install", "-y", "--no-install-recommends"]).args(packages));
    // The package lists of a new machine may be empty or old; updating them first each time would cost a minute.
    if install().is_err() {
        quietly(apt_get().arg("update"))?;
        install().with_context(|| format!("cannot install {names}; please install them by hand"))?;
    }
    Ok(())
}

fn apt_get() -> Command {
    let root = quietly(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        command.args(["-n", "apt-get"]);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn debian() -> Result<WasmCompiler> {
    apt(&["rustc-web", "cargo-web", "rust-web-src", "lld"])
        .context("no Rust std for the browser: neither rustup nor Debian's packages can bring it")?;
    say("compiling for the browser with Debian's Rust");
    Ok(WasmCompiler::Debian)
}

fn sysroot() -> Result<PathBuf> {
    let path = quietly(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(path.trim()))
}

fn has_library(target: &str) -> Result<bool> {
    Ok(sysroot()?.join("lib/rustlib").join(target).join("lib").is_dir())
}

fn has_sources() -> Result<bool> {
    Ok(sysroot()?.join("lib/rustlib/src/rust/library/std").is_dir())
}

fn first_line(error: &anyhow::Error) -> String {
    error.to_string().lines().last().unwrap_or_default().trim().to_owned()
}
