use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use image::{ImageFormat, RgbImage};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use weft_proto::media::v1::{File, ReadFileRequest, file::State};

use crate::rig::{Engine, Person, Rig, bytes_of, get, refusal};

/// What a scanner says to bytes; nothing: it hangs up.
type Mood = fn(&[u8]) -> &'static [u8];

/// A clamd that says what a test wants it to say.
struct Clamd {
    address: String,
    mood: Arc<Mutex<Mood>>,
}

impl Clamd {
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        let mood = Arc::new(Mutex::new(mood));
        let now = Arc::clone(&mood);
        drop(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mood = *now.lock().unwrap();
                drop(tokio::spawn(answer(stream, mood)));
            }
        }));
        Self { address, mood }
    }

    fn become_of(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

async fn answer(mut stream: TcpStream, mood: Mood) -> std::io::Result<()> {
    let mut command = [0; 10];
    stream.read_exact(&mut command).await?;
    assert_eq!(&command, b"zINSTREAM\0");
    let mut bytes = Vec::new();
    loop {
        let length = stream.read_u32().await?;
        if length == 0 {
            break;
        }
        let from = bytes.len();
        bytes.resize(from + length as usize, 0);
        stream.read_exact(bytes.get_mut(from..).unwrap()).await?;
    }
    stream.write_all(mood(&bytes)).await
}

fn honest(bytes: &[u8]) -> &'static [u8] {
    if bytes.windows(5).any(|part| part == b"EICAR") {
        b"stream: Eicar-Test FOUND\0"
    } else {
        b"stream: OK\0"
    }
}

async fn upload(rig: &Rig, person: &Person, content: &[u8]) -> String {
    rig.upload(person, "a.png", "", content).await.get("id").unwrap().as_str().unwrap().to_owned()
}

async fn until(rig: &Rig, person: &Person, id: &str, what: State) -> File {
    weft_testkit::eventually("the file is judged", Duration::from_secs(30), async || {
        let file = rig.get_file(person, id).await.unwrap();
        (file.state() == what).then_some(file)
    })
    .await
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_file_in_which_something_harmful_is_found(#[case] engine: Engine) {
    let clamd = Clamd::start(honest).await;
    let rig = Rig::configured(engine, |config| config.scanner.address.clone_from(&clamd.address)).await;
    let agent = rig.agent();
    let harmful = upload(&rig, &agent, b"an EICAR test").await;
    let mut picture = std::io::Cursor::new(Vec::new());
    RgbImage::new(9, 9).write_to(&mut picture, ImageFormat::Png).unwrap();
    let harmless = upload(&rig, &agent, picture.get_ref()).await;

    let file = until(&rig, &agent, &harmful, State::Quarantined).await;
    assert_eq!((file.url, file.thumbnail_url), (None, None));
    let read = ReadFileRequest { tenant_id: agent.tenant.to_string(), id: harmful, subject: String::new() };
    let refused = rig.transfer.clone().read_file(read).await.unwrap_err();
    assert_eq!(weft_rpc::error(&refused).reason(), "file_quarantined");
    // who sends the same again gets no further
    let twin = upload(&rig, &agent, b"an EICAR test").await;
    assert_eq!(rig.get_file(&agent, &twin).await.unwrap().state(), State::Quarantined);

    let file = until(&rig, &agent, &harmless, State::Available).await;
    assert_eq!(bytes_of(rig.call(get(&file.url.unwrap())).await).await, picture.into_inner());
    let seen = async || rig.get_file(&agent, &harmless).await.unwrap().thumbnail_url;
    weft_testkit::eventually("its picture is made afterwards", Duration::from_secs(30), seen).await;
}

#[rstest]
#[case::that_is_silent(|_: &[u8]| b"".as_slice())]
#[case::that_fails(|_: &[u8]| b"stream: Can't allocate memory ERROR\0".as_slice())]
#[case::that_has_a_limit(|_: &[u8]| b"INSTREAM size limit exceeded. ERROR\0".as_slice())]
#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_does_not_say_ok_means_not_yet(#[case] mood: Mood) {
    let clamd = Clamd::start(mood).await;
    let rig =
        Rig::configured(Engine::Sqlite, |config| config.scanner.address.clone_from(&clamd.address)).await;
    let agent = rig.agent();
    let id = upload(&rig, &agent, b"words").await;
    let file = rig.get_file(&agent, &id).await.unwrap();
    assert_eq!((file.state(), file.url), (State::Received, None));
    let read = ReadFileRequest { tenant_id: agent.tenant.to_string(), id: id.clone(), subject: "x".into() };
    let refused = rig.transfer.clone().read_file(read).await.unwrap_err();
    assert_eq!(weft_rpc::error(&refused).reason(), "file_not_scanned");

    // however often that happens
    for _ in 0..8 {
        rig.clock.advance(TimeDelta::minutes(6));
        upload(&rig, &agent, b"words").await;
        assert_eq!(rig.get_file(&agent, &id).await.unwrap().state(), State::Received);
    }
    clamd.become_of(honest);
    // a look that began before may still say no, and put the next one off
    weft_testkit::eventually("the file is judged", Duration::from_secs(30), async || {
        rig.clock.advance(TimeDelta::minutes(6));
        (rig.get_file(&agent, &id).await.unwrap().state() == State::Available).then_some(())
    })
    .await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_from_before_does_not_lead_round_the_scanner() {
    let clamd = Clamd::start(honest).await;
    let rig =
        Rig::configured(Engine::Sqlite, |config| config.scanner.address.clone_from(&clamd.address)).await;
    let agent = rig.agent();
    let id = upload(&rig, &agent, b"words").await;
    let link = until(&rig, &agent, &id, State::Available).await.url.unwrap();
    rig.judge(&agent, "received").await;
    assert_eq!(refusal(rig.call(get(&link)).await).await, (503, "file_not_scanned".into()));
    rig.judge(&agent, "quarantined").await;
    assert_eq!(refusal(rig.call(get(&link)).await).await, (403, "file_quarantined".into()));
    rig.judge(&agent, "a word of a later release").await;
    assert_eq!(refusal(rig.call(get(&link)).await).await, (403, "file_quarantined".into()));
}
