use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use rstest::rstest;
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use weft_web::Limits;

use crate::rig::{Engine, Person, Rig, form, form_type};

const MIB: usize = 1024 * 1024;
/// As much as one file takes on its way, whatever its size: buffers of the socket, of the form, of the disk.
const MOST_GROWTH_MIB: u64 = 64;

/// How large the file is; a release build passes a gigabyte.
const fn file_mib() -> usize {
    if cfg!(debug_assertions) { 192 } else { 1024 }
}

/// A field of `/proc/self/status` in MiB.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

/// Sends the frame and the file in it; gives the beginning of the answer.
async fn send(address: SocketAddr, head: &[u8], before: &[u8], after: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head).await.unwrap();
    stream.write_all(before).await.unwrap();
    let mebibyte: Vec<u8> = (0_u32..1 << 18).flat_map(u32::to_le_bytes).collect();
    for _ in 0..file_mib() {
        stream.write_all(&mebibyte).await.unwrap();
    }
    stream.write_all(after).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// What there is to do at least: from a socket into a file that survives a power cut.
async fn plain_copy(folder: &Path) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let copy = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut file = File::create(folder.join("plain")).await.unwrap();
        let (mut left, mut buffer) = (file_mib() * MIB, vec![0; 256 * 1024]);
        while left > 0 {
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0);
            file.write_all(buffer.get(..read).unwrap()).await.unwrap();
            left -= read;
        }
        file.sync_all().await.unwrap();
        stream.write_all(b"HTTP/1.1 201").await.unwrap();
    };
    let begun = Instant::now();
    tokio::join!(copy, send(address, b"", b"", b""));
    begun.elapsed()
}

async fn upload(address: SocketAddr, person: &Person) -> Duration {
    let frame = form("large.bin", "", b"|");
    let at = frame.iter().position(|byte| *byte == b'|').unwrap();
    let (before, after) = (frame.get(..at).unwrap(), frame.get(at + 1..).unwrap());
    let head = format!(
        "POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
        person.token,
        form_type(),
        before.len() + file_mib() * MIB + after.len(),
    );
    let begun = Instant::now();
    assert_eq!(send(address, head.as_bytes(), before, after).await, "HTTP/1.1 201");
    begun.elapsed()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_flat_while_a_large_file_passes() {
    let rig = Rig::configured(Engine::Sqlite, |config| config.max_file_bytes = 2 << 30).await;
    let agent = rig.agent();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let intake = rig.lifecycle.intake();
    let address =
        weft_web::serve(listener, rig.http.clone(), Limits::default(), intake.stop_token(), intake).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let plain = plain_copy(folder.path()).await;
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS:");
    let taken = upload(address, &agent).await;
    let grown = memory("VmHWM:").saturating_sub(before);
    let rate = |time: Duration| file_mib() as f64 / time.as_secs_f64();
    let share = 100.0 * rate(taken) / rate(plain);
    println!(
        "BENCH media_upload {:.0} MiB/s, {share:.0} % of a plain copy's {:.0} MiB/s; {} MiB, RSS grew by {grown} MiB",
        rate(taken),
        rate(plain),
        file_mib()
    );
    assert_eq!(rig.storage(&agent).await, (1, (file_mib() * MIB) as u64));
    assert!(grown < MOST_GROWTH_MIB, "{grown} MiB");
}
