//! Takes mail from the account, which signs in, and from anybody for the account.

use std::io;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::net::TcpStream;

use super::{ADDRESS, Fault, PASSWORD, Simulator, state::mailbox_of, words::Words};

/// The largest mail.
const MOST_BYTES: usize = 25_000_000;

#[derive(Default)]
struct Mail {
    from: Option<String>,
    to: Vec<String>,
}

pub(super) async fn talk(simulator: Simulator, stream: TcpStream) {
    // whoever hangs up has nothing more to say
    drop(converse(&simulator, Words::new(stream)).await);
}

async fn converse(simulator: &Simulator, mut words: Words) -> io::Result<()> {
    words.say("220 simulated mail").await?;
    let mut signed_in = false;
    let mut mail = Mail::default();
    while let Some(line) = words.line().await {
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match verb.to_uppercase().as_str() {
            "EHLO" | "HELO" => {
                words.say("250-simulated\r\n250-SIZE 25000000\r\n250-8BITMIME\r\n250-SMTPUTF8").await?;
                "250 AUTH PLAIN LOGIN XOAUTH2"
            }
            "AUTH" => {
                let failed = simulator.world.lock().fault(|fault| fault == Fault::SignIn).is_some();
                signed_in = !failed && proves(rest);
                if signed_in { "235 2.7.0 welcome" } else { "535 5.7.8 authentication failed" }
            }
            "MAIL" => {
                mail = Mail { from: address(rest), to: Vec::new() };
                "250 2.1.0 ok"
            }
            "RCPT" => recipient(simulator, &mut mail, rest, signed_in),
            "DATA" if mail.to.is_empty() => "503 5.5.1 no recipient",
            "DATA" => {
                words.say("354 go on").await?;
                let Some(raw) = data(&mut words).await else { return Ok(()) };
                match taken(simulator, &mail, &raw, signed_in) {
                    Some(answer) => answer,
                    None => return Ok(()),
                }
            }
            "RSET" | "NOOP" => "250 2.0.0 ok",
            "QUIT" => {
                words.say("221 2.0.0 bye").await?;
                return Ok(());
            }
            _ => "502 5.5.1 no such command",
        };
        words.say(answer).await?;
    }
    Ok(())
}

/// Everything at once: `PLAIN` is nobody, user, password; `XOAUTH2` user and access token.
fn proves(rest: &str) -> bool {
    let Some((mechanism, given)) = rest.split_once(' ') else { return false };
    let decoded = STANDARD.decode(given).unwrap_or_default();
    if mechanism == "XOAUTH2" {
        return decoded == format!("user={ADDRESS}\u{1}auth=Bearer {PASSWORD}\u{1}\u{1}").as_bytes();
    }
    let mut parts = decoded.split(|byte| *byte == 0).skip(1);
    parts.next() == Some(ADDRESS.as_bytes()) && parts.next() == Some(PASSWORD.as_bytes())
}

fn address(rest: &str) -> Option<String> {
    let (_, after) = rest.split_once('<')?;
    let (inside, _) = after.split_once('>')?;
    Some(inside.to_owned())
}

fn recipient(simulator: &Simulator, mail: &mut Mail, rest: &str, signed_in: bool) -> &'static str {
    let Some(to) = address(rest).filter(|to| to.contains('@')) else { return "501 5.1.3 no address" };
    if !signed_in && mailbox_of(&to) != ADDRESS {
        return "554 5.7.1 relay access denied";
    }
    match simulator.world.lock().fault(|fault| matches!(fault, Fault::Busy | Fault::Unknown)) {
        Some(Fault::Busy) => "451 4.7.1 greylisted, come again",
        Some(_) => "550 5.1.1 no such user",
        None if to.starts_with("no-") => "550 5.1.1 no such user",
        None => {
            mail.to.push(to);
            "250 2.1.5 ok"
        }
    }
}

/// The mail up to the dot that ends it.
async fn data(words: &mut Words) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let line = words.bytes().await?;
        if line == b".\r\n" {
            return Some(raw);
        }
        if raw.len() <= MOST_BYTES {
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

/// What is said to a mail; none: nothing, the connection breaks.
fn taken(simulator: &Simulator, mail: &Mail, raw: &[u8], signed_in: bool) -> Option<&'static str> {
    if raw.len() > MOST_BYTES {
        return Some("552 5.3.4 message too big");
    }
    if !signed_in {
        simulator.deliver(ADDRESS, raw.to_vec());
        return Some("250 2.0.0 taken");
    }
    let fault = simulator.world.lock().fault(|fault| matches!(fault, Fault::Spam | Fault::DropAfterData));
    if fault == Some(Fault::Spam) {
        return Some("554 5.7.1 looks like spam");
    }
    simulator.world.change(|state| {
        state.send(mail.from.as_deref().unwrap_or_default(), &mail.to, raw);
        state.arrived += 1;
    });
    (fault != Some(Fault::DropAfterData)).then_some("250 2.0.0 taken")
}
