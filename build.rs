//! Tells Cargo that the files of `target/assets` are part of the program.

fn main() {
    // Their names change with their content, so Cargo would not see new ones by itself.
    println!("cargo:rerun-if-changed=target/assets");
}
