//! What each figure means: events, and what they come to.

use rstest::rstest;
use weft_proto::{
    analytics::v1::{Figures, Live, Times},
    conversation::v1::{conversation::Status, message::State},
    convert::timestamp,
};

use crate::{
    rig::{Engine, Rig},
    story::{Story, agent, channel_id, minute},
};

type Told = fn(Story, &str, &str) -> Story;

/// Times that are all the same, up to the width of their bucket.
fn took(count: u64, minutes: f64) -> Option<Times> {
    let seconds = Some(minutes * 60.0);
    Some(Times { count, mean: seconds, p50: seconds, p90: seconds })
}

fn none() -> Figures {
    Figures {
        first_response: Some(Times::default()),
        resolution: Some(Times::default()),
        conversations_new: 1,
        ..Figures::default()
    }
}

fn open() -> Live {
    Live { open: 1, unassigned: 1, ..Live::default() }
}

/// The rows of the README's table.
fn cases() -> Vec<(&'static str, Told, Figures, Live)> {
    let waiting =
        |since: i64| Live { waiting: 1, oldest_waiting_since: Some(timestamp(minute(since))), ..open() };
    vec![
        ("a conversation without a word", |story, _, _| story, none(), open()),
        (
            "the contact waits since the first unanswered message",
            |story, _, _| story.asks(1).asks(2),
            Figures { messages_in: 2, ..none() },
            waiting(1),
        ),
        (
            "the first answer of a person counts from the first message on",
            |story, ann, bob| story.asks(0).asks(5).answers(20, ann).answers(30, bob),
            Figures { messages_in: 2, messages_out: 2, first_response: took(1, 20.0), ..none() },
            open(),
        ),
        (
            "neither a bot nor a note is an answer",
            |story, ann, _| story.asks(0).bot_answers(1).notes(2, ann).answers(60, ann),
            Figures {
                messages_in: 1,
                messages_out: 2,
                messages_out_bot: 1,
                first_response: took(1, 60.0),
                ..none()
            },
            open(),
        ),
        (
            "only a bot answered",
            |story, _, _| story.asks(0).bot_answers(1),
            Figures { messages_in: 1, messages_out: 1, messages_out_bot: 1, ..none() },
            open(),
        ),
        (
            "what we write first is no answer",
            |story, ann, _| story.answers(0, ann).asks(10).answers(40, ann),
            Figures { messages_in: 1, messages_out: 2, first_response: took(1, 30.0), ..none() },
            open(),
        ),
        (
            "an answer with the provider's own app is one",
            |story, _, _| story.asks(0).answers_elsewhere(15),
            Figures { messages_in: 1, messages_out: 1, first_response: took(1, 15.0), ..none() },
            open(),
        ),
        (
            "edited and deleted messages were written all the same",
            |story, ann, _| story.asks(0).answers(15, ann).edited(16, 0).deleted(17, 0).deleted(18, 1),
            Figures { messages_in: 1, messages_out: 1, first_response: took(1, 15.0), ..none() },
            open(),
        ),
        (
            "a delivery that failed counts once, though it was tried again and went",
            |story, ann, _| {
                story
                    .answers(0, ann)
                    .delivery(1, 0, State::Failed)
                    .delivery(2, 0, State::Queued)
                    .delivery(3, 0, State::Failed)
                    .delivery(4, 0, State::Sent)
            },
            Figures { messages_out: 1, deliveries_failed: 1, ..none() },
            open(),
        ),
        (
            "an unclear delivery that a person leaves counts as both",
            |story, ann, _| {
                story.answers(0, ann).delivery(1, 0, State::Unclear).delivery(2, 0, State::Failed)
            },
            Figures { messages_out: 1, deliveries_failed: 1, deliveries_unclear: 1, ..none() },
            open(),
        ),
        (
            "pending and snoozed are not over",
            |story, ann, _| {
                story.asks(0).assigned(1, ann).becomes(2, Status::Snoozed).becomes(3, Status::Pending)
            },
            Figures { messages_in: 1, ..none() },
            Live { open: 0, pending: 1, unassigned: 0, ..waiting(0) },
        ),
        (
            "resolved once, and closed afterwards: one resolution, timed from the beginning",
            |story, _, _| story.asks(0).becomes(120, Status::Resolved).becomes(180, Status::Closed),
            Figures {
                messages_in: 1,
                conversations_resolved: 1,
                conversations_closed: 1,
                resolution: took(1, 120.0),
                ..none()
            },
            Live::default(),
        ),
        (
            "closed at once is closed, and its time counts",
            |story, _, _| story.becomes(60, Status::Closed),
            Figures { conversations_closed: 1, resolution: took(1, 60.0), ..none() },
            Live::default(),
        ),
        (
            "reopened by the contact: the second resolution is timed from then",
            |story, _, _| {
                story.asks(0).becomes(30, Status::Resolved).asks(600).becomes(630, Status::Resolved)
            },
            Figures {
                messages_in: 2,
                conversations_resolved: 2,
                conversations_reopened: 1,
                resolution: took(2, 30.0),
                ..none()
            },
            Live::default(),
        ),
    ]
}

fn assert_alike(name: &str, found: &Figures, expected: &Figures) {
    let times = |figures: &Figures| {
        [figures.first_response.unwrap_or_default(), figures.resolution.unwrap_or_default()]
    };
    let counts = |figures: &Figures| Figures { first_response: None, resolution: None, ..*figures };
    assert_eq!(counts(found), counts(expected), "{name}");
    for (found, expected) in times(found).iter().zip(times(expected)) {
        assert_eq!((found.count, found.mean), (expected.count, expected.mean), "{name}");
        for (found, expected) in [(found.p50, expected.p50), (found.p90, expected.p90)] {
            let (found, expected) = (found.unwrap_or_default(), expected.unwrap_or_default());
            assert!((found - expected).abs() <= expected / 100.0, "{name}: {found} for {expected}");
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_figure_is_what_the_readme_says(#[values(Engine::Embedded, Engine::Real)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    for (name, tell, figures, live) in cases() {
        let tenant = rig.tenant(&replica);
        let story = tell(Story::begin(tenant.id, &channel_id(), 0), &agent(), &agent());
        tenant.count(story.events).await;
        let overview = tenant.overview().await;
        assert_alike(name, overview.total.as_ref().unwrap(), &figures);
        assert_eq!(overview.live.unwrap(), live, "{name}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn figures_belong_to_whom_the_readme_says(#[values(Engine::Embedded, Engine::Real)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let (ann, bob, channel) = (agent(), agent(), channel_id());
    let story = Story::begin(tenant.id, &channel, 0)
        .asks(0)
        .assigned(1, &ann)
        .asks(2)
        .answers(3, &bob)
        .delivery(4, 2, State::Failed)
        .becomes(5, Status::Resolved);
    tenant.count(story.events).await;
    let overview = tenant.overview().await;
    let of = |agent: &str| {
        let found = overview.by_agent.iter().find(|of| of.id == agent);
        found.and_then(|of| of.figures).unwrap()
    };
    let nobody = of("");
    assert_eq!((nobody.conversations_new, nobody.messages_in), (1, 1), "before it was assigned");
    let assignee = of(&ann);
    assert_eq!((assignee.messages_in, assignee.conversations_resolved), (1, 1));
    assert_eq!(assignee.resolution.unwrap().count, 1);
    let author = of(&bob);
    assert_eq!((author.messages_out, author.deliveries_failed), (1, 1));
    assert_eq!(author.first_response.unwrap().count, 1);
    assert_eq!((assignee.messages_out, author.messages_in), (0, 0));
}
