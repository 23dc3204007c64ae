use super::*;

/// URL, what everybody gets, what those get who may call private networks.
type Row = (&'static str, Result<(), Refusal>, Result<(), Refusal>);

const FREE: (Result<(), Refusal>, Result<(), Refusal>) = (Ok(()), Ok(()));
const PRIVATE: (Result<(), Refusal>, Result<(), Refusal>) = (Err(Refusal::Private), Ok(()));
const NEVER: (Result<(), Refusal>, Result<(), Refusal>) = (Err(Refusal::Forbidden), Err(Refusal::Forbidden));

fn row(url: &'static str, (everybody, inside): (Result<(), Refusal>, Result<(), Refusal>)) -> Row {
    (url, everybody, inside)
}

fn both(refusal: Refusal) -> (Result<(), Refusal>, Result<(), Refusal>) {
    (Err(refusal), Err(refusal))
}

#[test]
fn only_what_is_on_the_internet_may_be_called() {
    let rows = [
        row("https://example.org/", FREE),
        row("http://example.org/", FREE),
        row("https://example.org:443/", FREE),
        row("http://example.org:443/", FREE),
        row("http://8.8.8.8/", FREE),
        row("https://[2606:4700::1111]/", FREE),
        row("http://172.32.0.1/", FREE),
        row("http://100.128.0.1/", FREE),
        row("http://[::ffff:8.8.8.8]/", FREE),
        row("http://[64:ff9b::808:808]/", FREE),
        row("http://example.org:8080/", (Err(Refusal::Port), Ok(()))),
        row("http://8.8.8.8:22/", (Err(Refusal::Port), Ok(()))),
        row("ftp://example.org/", both(Refusal::Scheme)),
        row("file:///etc/passwd", both(Refusal::Scheme)),
        row("gopher://example.org/", both(Refusal::Scheme)),
        row("data:text/plain,x", both(Refusal::Scheme)),
        row("http://user@example.org/", both(Refusal::UserInfo)),
        row("http://user:pw@example.org/", both(Refusal::UserInfo)),
        row("http://:pw@example.org/", both(Refusal::UserInfo)),
        row("http://127.0.0.1/", PRIVATE),
        row("http://127.255.255.254/", PRIVATE),
        row("http://127.1/", PRIVATE),
        row("http://2130706433/", PRIVATE),
        row("http://0x7f000001/", PRIVATE),
        row("http://0177.0.0.1/", PRIVATE),
        row("http://１２７.0.0.1/", PRIVATE),
        row("http://10.0.0.1/", PRIVATE),
        row("http://172.16.0.1/", PRIVATE),
        row("http://172.31.255.255/", PRIVATE),
        row("http://192.168.1.1/", PRIVATE),
        row("http://100.64.0.1/", PRIVATE),
        row("http://198.18.0.1/", PRIVATE),
        row("http://[::1]/", PRIVATE),
        row("http://[::ffff:127.0.0.1]/", PRIVATE),
        row("http://[::ffff:a00:1]/", PRIVATE),
        row("http://[2002:7f00:1::]/", PRIVATE),
        row("http://[2002:c0a8:101::1]/", PRIVATE),
        row("http://[64:ff9b::10.0.0.1]/", PRIVATE),
        row("http://[fc00::1]/", PRIVATE),
        row("http://[fd12:3456::1]/", PRIVATE),
        row("http://0.0.0.0/", NEVER),
        row("http://0.1.2.3/", NEVER),
        row("http://169.254.169.254/latest/meta-data/", NEVER),
        row("http://169.254.170.2/", NEVER),
        row("http://[::ffff:169.254.169.254]/", NEVER),
        row("http://[2002:a9fe:a9fe::]/", NEVER),
        row("http://[64:ff9b::a9fe:a9fe]/", NEVER),
        row("http://[fd00:ec2::254]/", NEVER),
        row("http://[fd20:ce::254]/", NEVER),
        row("http://100.100.100.200/", NEVER),
        row("http://168.63.129.16/", NEVER),
        row("http://192.0.0.192/", NEVER),
        row("http://192.0.2.1/", NEVER),
        row("http://198.51.100.1/", NEVER),
        row("http://203.0.113.1/", NEVER),
        row("http://224.0.0.1/", NEVER),
        row("http://240.0.0.1/", NEVER),
        row("http://255.255.255.255/", NEVER),
        row("http://[::]/", NEVER),
        row("http://[::7f00:1]/", NEVER),
        row("http://[fe80::1]/", NEVER),
        row("http://[fec0::1]/", NEVER),
        row("http://[ff02::1]/", NEVER),
        row("http://[100::1]/", NEVER),
        row("http://[2001::1]/", NEVER),
        row("http://[2001:db8::1]/", NEVER),
        row("http://[3fff::1]/", NEVER),
        row("http://[64:ff9b:1::1]/", NEVER),
    ];
    for (url, everybody, inside) in rows {
        let parsed = Url::parse(url).unwrap();
        assert_eq!(guard(false, &[]).check_url(&parsed), everybody, "{url}");
        assert_eq!(guard(true, &[]).check_url(&parsed), inside, "{url} where private is allowed");
    }
}

#[test]
fn one_allowed_address_allows_exactly_that_address() {
    let allowed = ["10.0.0.1".parse().unwrap(), "169.254.169.254".parse().unwrap()];
    let check = |url: &str| guard(false, &allowed).check_url(&Url::parse(url).unwrap());
    assert_eq!(check("http://10.0.0.1:8080/"), Ok(()));
    assert_eq!(check("http://10.0.0.2/"), Err(Refusal::Private));
    assert_eq!(check("http://example.org:8080/"), Err(Refusal::Port));
    assert_eq!(check("http://169.254.169.254/"), Err(Refusal::Forbidden));
}

fn guard(allow_private: bool, allowed: &[IpAddr]) -> Guard {
    Guard::new(&Settings { allow_private, allowed: allowed.to_vec(), ..Settings::default() })
}
