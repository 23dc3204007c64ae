//! Numbers of people, and the threads they make: `+12025550143`; several people are `+12025550143,+12025550144`.

pub(crate) use weft_channel::inbound::is_number;
use weft_channel::{Person, Thread, inbound};

use crate::{Account, wire::Party};

/// Who called without showing a number.
pub(crate) const WITHHELD: &str = "anonymous";
const BETWEEN: char = ',';

/// The numbers behind a thread; none when nobody can be reached there.
pub(crate) fn recipients(thread_id: &str) -> Option<Vec<&str>> {
    let numbers: Vec<&str> = thread_id.split(BETWEEN).collect();
    let reachable = numbers.iter().all(|number| is_number(number) || is_short_code(number));
    reachable.then_some(numbers)
}

/// The thread with these people; none without any.
pub(crate) fn thread(people: &[&Party]) -> Option<Thread> {
    match people {
        [] => None,
        [one] => Some(inbound::direct(one.number()?, person(one)?)),
        several => {
            let mut numbers: Vec<&str> = several.iter().filter_map(|one| one.number()).collect();
            numbers.sort_unstable();
            numbers.dedup();
            let names: Vec<&str> = several.iter().filter_map(|one| one.shown()).collect();
            Some(inbound::group(numbers.join(&BETWEEN.to_string()), names.join(", ")))
        }
    }
}

/// A contact with a number.
pub(crate) fn person(party: &Party) -> Option<Person> {
    let number = party.number()?;
    Some(Person {
        id: number.to_owned(),
        name: party.shown()?.to_owned(),
        phone: is_number(number).then(|| number.to_owned()),
        ..Person::default()
    })
}

/// The other end of a call or of a voicemail; none for a colleague on an extension.
pub(crate) fn caller(account: &Account, party: &Party) -> Option<Thread> {
    match party.number() {
        Some(number) if account.is_ours(number) => None,
        Some(_) => thread(&[party]),
        None if party.is_extension() => None,
        None => {
            let name = "Withheld number".to_owned();
            Some(inbound::direct(WITHHELD, Person { id: WITHHELD.to_owned(), name, ..Person::default() }))
        }
    }
}

fn is_short_code(text: &str) -> bool {
    (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
