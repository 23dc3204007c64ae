/// The headers of an event: name, whether it is always there, what it says, an example.
pub(super) const HEADERS: [(&str, bool, &str, &str); 11] = [
    ("ce-specversion", true, "Always `1.0`: CloudEvents, binary mode.", "1.0"),
    (
        "ce-id",
        true,
        "The event's id, a UUID, the same however often it is delivered or published. Know an event by it.",
        "01985f1e-7b6c-7c3a-9d52-3f7a4b1c2d3e",
    ),
    ("ce-type", true, "What happened: `weft.v1.<entity>.<change>`.", "weft.v1.message.created"),
    ("ce-source", true, "Who published it: a slash and the service's name.", "/conversation"),
    ("ce-time", true, "When it was written, in UTC, to the microsecond.", "2026-01-31T08:00:00.123456Z"),
    (
        "ce-partitionkey",
        true,
        "Events with the same key are in order. It is an opaque text.",
        "conv_01h455vb4pex5vsknk084sn02r",
    ),
    (
        "ce-tenant",
        true,
        "Whose it is; the third word of the subject says the same.",
        "tenant_01h455vb4pex5vsknk084sn02n",
    ),
    ("content-type", true, "Always `application/json`.", "application/json"),
    (
        "Nats-Msg-Id",
        true,
        "What the server knows repeated publishes by. For us alone.",
        "01985f1e-7b6c-7c3a-9d52-3f7a4b1c2d3e",
    ),
    (
        "traceparent",
        false,
        "The trace it was written in (W3C Trace Context), to go on with or to ignore.",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ),
    ("tracestate", false, "The vendors' part of the trace.", "vendor=1"),
];
