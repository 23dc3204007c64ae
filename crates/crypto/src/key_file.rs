use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    os::unix::fs::MetadataExt,
    path::Path,
};

use zeroize::Zeroizing;

use crate::{Error, secret_key::SecretKey};

pub(crate) fn read(path: &Path) -> Result<SecretKey, Error> {
    let mode = fs::metadata(path).map_err(|source| failed(path, source))?.mode();
    if mode & 0o077 != 0 {
        let problem = format!("others may read {}: `chmod 600` it", path.display());
        return Err(Error::BadKey(problem));
    }
    let text = fs::read_to_string(path).map(Zeroizing::new).map_err(|source| failed(path, source))?;
    SecretKey::from_base64(&text)
}

pub(crate) fn read_or_create(path: &Path) -> Result<SecretKey, Error> {
    match read(path) {
        Err(Error::KeyFile { source, .. }) if source.kind() == ErrorKind::NotFound => {}
        other => return other,
    }
    create(path).map_err(|source| failed(path, source))?;
    read(path)
}

/// Another process may do the same at this moment: whoever gets the name first has made the key of both.
fn create(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // a temporary file is 0600 from its birth
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(SecretKey::generate().to_base64().as_bytes())?;
    draft.write_all(b"\n")?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => {}
        Err(refused) => return Err(refused.error),
    }
    // a key that is lost with the power loses all that was sealed
    File::open(folder)?.sync_all()
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::KeyFile { path: path.display().to_string(), source }
}
