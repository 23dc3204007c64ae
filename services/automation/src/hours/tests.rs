use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn weekly(day: Weekday, from: u16, to: u16) -> Weekly {
    Weekly { day, span: Span { from: from * 60, to: to * 60 } }
}

/// Monday to Friday from nine to five.
fn office() -> Calendar {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let weekly = [Mon, Tue, Wed, Thu, Fri].map(|day| weekly(day, 9, 17)).to_vec();
    Calendar { weekly, holidays: Vec::new() }
}

#[test]
fn it_is_open_by_the_clock_on_the_wall_in_summer_and_in_winter() {
    let (berlin, office) = (Tz::Europe__Berlin, office());
    for (instant, is_open, changes) in [
        // winter: an hour ahead of UTC; a Monday
        ("2026-11-23T07:59:59Z", false, "2026-11-23T08:00:00Z"),
        ("2026-11-23T08:00:00Z", true, "2026-11-23T16:00:00Z"),
        ("2026-11-23T15:59:59Z", true, "2026-11-23T16:00:00Z"),
        ("2026-11-23T16:00:00Z", false, "2026-11-24T08:00:00Z"),
        // summer: two hours; a Friday, and the weekend after it
        ("2026-07-17T07:30:00Z", true, "2026-07-17T15:00:00Z"),
        ("2026-07-17T15:00:00Z", false, "2026-07-20T07:00:00Z"),
        // over the weekend in which clocks are put back
        ("2026-10-24T12:00:00Z", false, "2026-10-26T08:00:00Z"),
    ] {
        assert_eq!(office.is_open(berlin, at(instant)), is_open, "{instant}");
        assert_eq!(office.changes_at(berlin, at(instant)), Some(at(changes)), "{instant}");
    }
    assert!(office.is_open(Tz::Pacific__Auckland, at("2026-11-22T21:00:00Z")), "it is Monday there already");
}

#[test]
fn a_holiday_is_closed_or_open_at_hours_of_its_own() {
    let holiday = |date: &str, open: Option<(u16, u16)>| Holiday {
        date: date.parse().expect("a date"),
        name: "a holiday".to_owned(),
        open: open.map(|(from, to)| Span { from: from * 60, to: to * 60 }),
    };
    let days = vec![holiday("2026-12-24", Some((10, 12))), holiday("2026-12-25", None)];
    let calendar = Calendar { holidays: days, ..office() };
    let utc = Tz::UTC;
    assert!(!calendar.is_open(utc, at("2026-12-24T09:30:00Z")));
    assert!(calendar.is_open(utc, at("2026-12-24T11:59:00Z")));
    assert!(!calendar.is_open(utc, at("2026-12-25T11:00:00Z")));
    assert_eq!(calendar.changes_at(utc, at("2026-12-24T12:00:00Z")), Some(at("2026-12-28T09:00:00Z")));
}

#[test]
fn spans_that_touch_are_one_also_over_midnight() {
    let weekly = vec![weekly(Weekday::Mon, 9, 12), weekly(Weekday::Mon, 12, 24), weekly(Weekday::Tue, 0, 2)];
    let calendar = Calendar { weekly, holidays: Vec::new() };
    let change = calendar.changes_at(Tz::UTC, at("2026-11-23T10:00:00Z"));
    assert_eq!(change, Some(at("2026-11-24T02:00:00Z")));
}

#[test]
fn what_never_changes_says_so() {
    let always = Weekday::Mon;
    let days = std::iter::successors(Some(always), |day| Some(day.succ())).take(7);
    let always = Calendar { weekly: days.map(|day| weekly(day, 0, 24)).collect(), holidays: Vec::new() };
    let now = at("2026-11-23T10:00:00Z");
    assert!(always.is_open(Tz::Europe__Berlin, now));
    assert_eq!(always.changes_at(Tz::Europe__Berlin, now), None);
    assert_eq!(Calendar::default().changes_at(Tz::Europe__Berlin, now), None);
}

#[test]
fn the_hour_that_comes_twice_and_the_one_that_never_comes_are_told_minute_by_minute() {
    let sunday = |from, to| Weekly { day: Weekday::Sun, span: Span { from, to } };
    let calendar = Calendar { weekly: vec![sunday(90, 150), sunday(170, 200)], holidays: Vec::new() };
    let berlin = Tz::Europe__Berlin;
    for day in ["2026-03-28T20:00:00Z", "2026-10-24T20:00:00Z"] {
        let mut instant = at(day);
        let end = instant + TimeDelta::hours(10);
        while instant < end {
            let is_open = calendar.is_open(berlin, instant);
            let told = calendar.changes_at(berlin, instant).expect("a change within the week");
            let mut seen = instant;
            while calendar.is_open(berlin, seen) == is_open {
                seen += TimeDelta::minutes(1);
            }
            assert_eq!(told, seen, "from {instant}");
            instant += TimeDelta::minutes(7);
            instant = instant.with_second(0).expect("a second");
        }
    }
}
