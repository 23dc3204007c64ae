use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Finds a server's program on PATH or in `elsewhere`, or panics with what to do.
pub(crate) fn find(name: &str, elsewhere: impl FnOnce() -> Vec<PathBuf>) -> PathBuf {
    on_path(name)
        .or_else(|| elsewhere().into_iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
        .unwrap_or_else(|| panic!("`{name}` is not installed: run `make deps`"))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The folders where pip puts programs.
pub(crate) fn python_scripts() -> Vec<PathBuf> {
    const ASK: &str =
        "import sysconfig as s; print(s.get_path('scripts')); print(s.get_path('scripts', 'posix_user'))";
    lines(Command::new("python3").args(["-c", ASK])).into_iter().map(PathBuf::from).collect()
}

/// The folders where Debian puts PostgreSQL's programs, the newest version first.
pub(crate) fn postgres_folders() -> Vec<PathBuf> {
    let Ok(versions) = Path::new("/usr/lib/postgresql").read_dir() else { return Vec::new() };
    let mut folders: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// The folders where Debian puts mail servers, which not everybody has on their path.
pub(crate) fn mail_folders() -> Vec<PathBuf> {
    ["/usr/sbin", "/usr/lib/postfix/sbin"].map(PathBuf::from).to_vec()
}

/// A user of this machine, and their group.
pub(crate) fn user(name: &str) -> Option<(u32, u32)> {
    id(&["-u", name]).zip(id(&["-g", name]))
}

/// The user and group to run PostgreSQL as, when we are root: it refuses to run as root.
pub(crate) fn postgres_user() -> Option<(u32, u32)> {
    if id(&["-u"])? != 0 {
        return None;
    }
    let found = user("postgres");
    assert!(found.is_some(), "there is no user `postgres`: run `make deps`");
    found
}

fn id(args: &[&str]) -> Option<u32> {
    lines(Command::new("id").args(args)).first()?.parse().ok()
}

fn lines(command: &mut Command) -> Vec<String> {
    let Ok(output) = command.stderr(Stdio::null()).output() else { return Vec::new() };
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}
