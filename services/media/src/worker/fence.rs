use std::{collections::BTreeMap, io};

use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter_all_threads};

const MIB: u64 = 1024 * 1024;
/// What a program maps besides what it writes to: itself, its libraries, and room that it only reserves.
const MAPPED: u64 = 4096 * MIB;
/// The largest file it may write: a frame of a film.
const LARGEST_FILE: u64 = 256 * MIB;

/// Limits memory, processor time and files, for this process and what it becomes.
pub(super) fn limit(memory_mib: u64, seconds: u64) -> io::Result<()> {
    let memory = memory_mib.saturating_mul(MIB);
    for (resource, most) in [
        (Resource::Data, memory),
        (Resource::As, memory.saturating_add(MAPPED)),
        (Resource::Cpu, seconds),
        (Resource::Fsize, LARGEST_FILE),
        (Resource::Nofile, 64),
        (Resource::Core, 0),
    ] {
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })?;
    }
    Ok(())
}

/// Takes the network away, and other processes.
pub(super) fn cut_off() -> io::Result<()> {
    refuse(&OUTSIDE)
}

/// Takes all but reading, writing and memory away: no file is opened any more, no program run.
pub(super) fn close() -> io::Result<()> {
    let all: Vec<_> = OUTSIDE.iter().chain(&REST).copied().collect();
    refuse(&all)
}

const OUTSIDE: [libc::c_long; 10] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_sendto,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_unshare,
    // its queues do what the others do
    libc::SYS_io_uring_setup,
];

#[cfg(target_arch = "x86_64")]
const REST: [libc::c_long; 13] = [
    libc::SYS_open,
    libc::SYS_creat,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_kill,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
];
#[cfg(not(target_arch = "x86_64"))]
const REST: [libc::c_long; 9] = [
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_clone,
    libc::SYS_clone3,
    libc::SYS_kill,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
];

/// Has the kernel answer these calls with "not permitted"; nothing takes that back.
fn refuse(calls: &[libc::c_long]) -> io::Result<()> {
    let rules: BTreeMap<_, _> = calls.iter().map(|&call| (call, Vec::new())).collect();
    let denied = SeccompAction::Errno(u32::try_from(libc::EPERM).unwrap_or(1));
    let here = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, denied, here).map_err(io::Error::other)?;
    let program = BpfProgram::try_from(filter).map_err(io::Error::other)?;
    apply_filter_all_threads(&program).map_err(io::Error::other)
}
