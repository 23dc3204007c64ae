use std::{
    fmt::Write as _,
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use nkeys::KeyPair;

use super::{User, config::variable};

/// What the files with seeds end in.
pub const SEED_EXTENSION: &str = "nk";

/// Makes the users' keys that `folder` lacks, one file with a seed each, and gives the text of `keys.conf`: the public ones.
pub fn make_keys(users: &[User], folder: &Path) -> anyhow::Result<String> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut text = "# The public keys of this installation, by `weft emit nats --keys`.\n".to_owned();
    for user in users {
        let file = folder.join(&user.name).with_extension(SEED_EXTENSION);
        let pair = read_or_make(&file).with_context(|| format!("the key file {}", file.display()))?;
        writeln!(text, "{} = {}", variable(&user.name), pair.public_key())?;
    }
    Ok(text)
}

fn read_or_make(file: &Path) -> anyhow::Result<KeyPair> {
    match fs::read_to_string(file) {
        Ok(seed) => return Ok(KeyPair::from_seed(seed.trim())?),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let pair = KeyPair::new_user();
    let mut writer = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    writeln!(writer, "{}", pair.seed()?)?;
    Ok(pair)
}
