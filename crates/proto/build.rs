//! Compiles `proto/` in pure Rust: no protoc on the machine, nothing generated in git.
use std::{
    env, fs,
    path::{Path, PathBuf},
};

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts through the environment")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = PathBuf::from("../../proto").canonicalize()?;
    println!("cargo:rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root.join("weft"), &mut files)?;
    files.sort();
    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let descriptors = PathBuf::from(env::var("OUT_DIR")?).join("weft.bin");
    // Not through prost's own types: those forget our options on methods and fields.
    fs::write(&descriptors, compiler.encode_file_descriptor_set())?;

    let mut config = tonic_prost_build::Config::new();
    config.bytes(["."]).skip_protoc_run();
    prost_reflect_build::Builder::new()
        .file_descriptor_set_path(&descriptors)
        .descriptor_pool("crate::POOL")
        .configure(&mut config, &files, &[&root])?;
    tonic_prost_build::configure()
        .build_transport(true)
        .compile_well_known_types(false)
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
