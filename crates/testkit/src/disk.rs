use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// A small file system of its own, in a file: to be filled up, or to lose its power (TS-4). Gone when dropped.
pub struct Disk {
    image: PathBuf,
    mounted: PathBuf,
    cuts: u32,
}

impl Disk {
    /// Makes and mounts one of so many bytes at `folder/disk`; fails where there are no loop devices.
    pub fn make(folder: &Path, bytes: u64) -> Result<Self, String> {
        let image = folder.join("disk.img");
        let made = File::create(&image).and_then(|file| file.set_len(bytes));
        made.map_err(|error| format!("{}: {error}", image.display()))?;
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&image))?;
        let mounted = folder.join("disk");
        mount(&image, &mounted)?;
        Ok(Self { image, mounted, cuts: 0 })
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        &self.mounted
    }

    /// Writes back what there is.
    pub fn sync(&self) {
        run(Command::new("sync").arg("-f").arg(&self.mounted)).expect("a disk can be synced");
    }

    /// What a machine finds whose power failed now: only what was really written back. Whoever wrote to it must have ended.
    pub fn cut_power(&mut self) {
        self.cuts += 1;
        let after = self.image.with_file_name(format!("disk-{}.img", self.cuts));
        fs::copy(&self.image, &after).expect("there is room for a copy of the disk");
        self.unmount();
        drop(fs::remove_file(&self.image));
        self.image = after;
        mount(&self.image, &self.mounted).expect("what was mounted once is mounted again");
    }

    /// Takes all the room that is left.
    pub fn fill(&self) {
        // it says that there was not enough: that is what is wanted
        let path = self.mounted.join("filler");
        drop(Command::new("dd").args(["if=/dev/zero", "bs=64k", "conv=fsync"]).arg(of(&path)).output());
    }

    /// Gives that room back.
    pub fn free(&self) {
        drop(fs::remove_file(self.mounted.join("filler")));
    }

    #[expect(clippy::print_stdout, reason = "a test")]
    fn unmount(&self) {
        if let Err(why) = run(Command::new("umount").arg("--lazy").arg(&self.mounted)) {
            println!("{} stays mounted: {why}", self.mounted.display());
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
    }
}

fn of(path: &Path) -> String {
    format!("of={}", path.display())
}

fn mount(image: &Path, mounted: &Path) -> Result<(), String> {
    fs::create_dir_all(mounted).map_err(|error| format!("{}: {error}", mounted.display()))?;
    // The file system's own timer writes nothing back in the time of a test: what is there was synced.
    run(Command::new("mount").args(["-o", "loop,commit=300"]).args([image, mounted]))?;
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(mounted, open).map_err(|error| format!("{}: {error}", mounted.display()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", said.trim())) }
}
