use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// What an IMAP server says when it begins to tell of new mail.
const IDLING: &str = "+ idling";

/// Stands before an IMAP server that is not encrypted, passes everything on and hears when somebody begins to wait for mail.
pub(crate) struct Tap {
    pub(crate) port: u16,
    idles: watch::Receiver<usize>,
    _tasks: JoinSet<()>,
}

impl Tap {
    pub(crate) async fn before(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (told, idles) = watch::channel(0);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(carry(client, server, told.clone()));
            }
        });
        Self { port, idles, _tasks: tasks }
    }

    /// Waits until somebody has begun to wait for so many times in all.
    pub(crate) async fn idles(&self, count: usize) {
        self.idles.clone().wait_for(|idles| *idles >= count).await.unwrap();
    }
}

async fn carry(client: TcpStream, server: u16, told: watch::Sender<usize>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pump(from_client, to_server, None) => {}
        () = pump(from_server, to_client, Some(told)) => {}
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, told: Option<watch::Sender<usize>>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..count];
        if to.write_all(bytes).await.is_err() {
            return;
        }
        if let Some(told) = told.as_ref().filter(|_| String::from_utf8_lossy(bytes).contains(IDLING)) {
            told.send_modify(|idles| *idles += 1);
        }
    }
}
