use std::{fs, io::Write as _, time::Duration};

use serde_json::json;
use weft_bus::Bus;
use weft_channel::Descriptor;
use weft_testkit::{Nats, temp_dir};

use crate::rig::{Incoming, Rig, Running};

fn never_comes_again(toy: &mut Descriptor) {
    toy.redelivers_for = Duration::ZERO;
}

async fn call(rig: &Rig, running: &Running, numbers: std::ops::Range<usize>) {
    for n in numbers {
        let body = json!({"events": [{"key": format!("k{n}"), "thread": "t", "text": n.to_string()}]});
        assert_eq!(rig.hook(running, &body).await.status, 200);
    }
}

async fn expect(incoming: &mut Incoming, numbers: std::ops::Range<usize>) {
    for n in numbers {
        assert_eq!(incoming.text().await, n.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bus_could_not_take_is_there_after_a_restart_and_in_order() {
    let mut rig = Rig::new().await;
    let running = rig.start_as(never_comes_again).await;
    call(&rig, &running, 0..2).await;
    let mut incoming = rig.incoming().await;
    expect(&mut incoming, 0..2).await;
    rig.bus.close().await;
    call(&rig, &running, 2..150).await;
    let unreadable = rig.hook_with(&running, "hush", &rig.channel.to_string(), "not json".to_owned()).await;
    assert_eq!(unreadable.status, 200);
    running.die().await;

    let folder = rig.config.spool_folder.join("toy");
    let file = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    // the process died while it wrote one more, which nobody was answered for
    fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(&[200, 0, 0, 0, 1, 2]).unwrap();

    rig.bus = Bus::connect(&rig.settings).await.unwrap();
    let mut incoming = rig.incoming().await;
    let next = rig.start_as(never_comes_again).await;
    // what comes now is behind what waits
    call(&rig, &next, 150..152).await;
    expect(&mut incoming, 2..152).await;
    next.stop().await;
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(&letters[0].letter.event.data[..], b"not json");
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [file.with_extension("torn")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_later_does_not_overtake_what_waits() {
    let mut nats = Nats::start().await;
    let rig = Rig::at(temp_dir(), nats.url()).await;
    let running = rig.start_as(never_comes_again).await;
    call(&rig, &running, 0..2).await;
    nats.kill();
    call(&rig, &running, 2..6).await;
    nats.restart().await;
    call(&rig, &running, 6..10).await;
    let mut incoming = rig.incoming().await;
    expect(&mut incoming, 0..10).await;
    assert_eq!(incoming.unseen(), 0);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_refuses_and_says_when_to_come_again() {
    let mut rig = Rig::new().await;
    rig.config.spool_max_bytes = 2_000;
    let running = rig.start_as(never_comes_again).await;
    rig.bus.close().await;
    call(&rig, &running, 0..1).await;
    let large = json!({"events": [{"key": "k", "thread": "t", "text": "x".repeat(2_000)}]});
    assert_eq!(rig.hook(&running, &large).await.status, 503);
    call(&rig, &running, 1..2).await;
    running.die().await;
}
