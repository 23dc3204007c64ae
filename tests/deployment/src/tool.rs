use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};

/// Where `make deps` installs validators.
const FOLDER: &str = "/usr/local/lib/weft-tests/validators";

/// Runs a validator in `folder`, a program or a Python module, and gives what it said; it has to be content.
pub fn tool(folder: &Path, name: &str, arguments: &[&str]) -> Result<String> {
    let program = Path::new(FOLDER).join("bin").join(name);
    let mut command = if name.contains('_') { Command::new("python3") } else { Command::new(&program) };
    if name.contains('_') {
        command.args(["-m", name]).env("PYTHONPATH", FOLDER);
    }
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .with_context(|| format!("`{name}` does not run: run `make deps`"))?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} {arguments:?}: is it installed (`make deps`)?\n{said}");
    Ok(said.into_owned())
}
