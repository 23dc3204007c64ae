use super::*;

fn options(customers: u32, messages: u64, script: Script) -> SimulationOptions {
    SimulationOptions { customers, per_second: 1000.0, messages: Some(messages), script: Arc::new(script) }
}

async fn played(options: &SimulationOptions, kind: &str) -> Vec<(u64, bool, String, Option<String>)> {
    let mut turns = Vec::new();
    let say = |turn: Turn<'_>| {
        turns.push((turn.customer, turn.is_first, turn.character.name.clone(), turn.line.in_words()));
        Ok(())
    };
    options.play(kind, CancellationToken::new(), say).await.unwrap();
    turns
}

fn world() -> Script {
    let person = |name: &str, channels: &[&str], lines: &[&str]| Character {
        name: name.to_owned(),
        language: "en".to_owned(),
        channels: channels.iter().map(|kind| (*kind).to_owned()).collect(),
        lines: lines.iter().map(|words| Line::Says((*words).to_owned())).collect(),
    };
    Script {
        people: vec![
            person("Ada", &[], &["one", "two"]),
            person("Bo", &["pigeon"], &["coo"]),
            person("Cy", &["echo", "pigeon"], &["a", "b", "c"]),
        ],
    }
}

#[tokio::test]
async fn the_customers_of_a_channel_take_turns_and_begin_anew_after_their_last_line() {
    let turns = played(&options(3, 8, world()), "echo").await;
    let expected = [
        (0, true, "Ada", "one"),
        (1, true, "Cy", "a"),
        // there are more customers than people: somebody comes twice
        (2, true, "Ada", "one"),
        (0, false, "Ada", "two"),
        (1, false, "Cy", "b"),
        (2, false, "Ada", "two"),
        (0, false, "Ada", "one"),
        (1, false, "Cy", "c"),
    ];
    let expected = expected.map(|(customer, is_first, name, words)| {
        (customer, is_first, name.to_owned(), Some(words.to_owned()))
    });
    assert_eq!(turns, expected);
    assert_eq!(played(&options(2, 2, world()), "pigeon").await[1].2, "Bo");
}

#[tokio::test]
async fn what_cannot_be_played_is_refused_and_a_stop_ends_it() {
    let stop = CancellationToken::new();
    let refused = async |options: SimulationOptions, kind: &str| {
        options.play(kind, stop.clone(), |_| Ok(())).await.unwrap_err().to_string()
    };
    let mut still = options(1, 1, world());
    still.per_second = 0.0;
    assert!(refused(still, "echo").await.contains("more than 0"));
    let mut lonely = world();
    lonely.people.retain(|person| !person.channels.is_empty());
    assert!(refused(options(1, 1, lonely), "owl").await.contains("nobody in it is on `owl`"));
    let failing = options(1, 9, world());
    assert!(failing.play("echo", stop.clone(), |_| Err(Error::internal("over"))).await.is_err());

    let mut endless = options(1, 0, world());
    (endless.messages, endless.per_second) = (None, 0.001);
    let mut said = 0;
    let first = |_: Turn<'_>| {
        said += 1;
        stop.cancel();
        Ok(())
    };
    endless.play("echo", stop.clone(), first).await.unwrap();
    assert_eq!(said, 1);
}
