//! Broken files: each is refused with the line, the member and what to write instead.

use super::read;

/// A file without faults. A test changes one line of it, so that the lines stay where they are.
const GOOD: &str = r#"connector: acme
title: Acme CRM
verified: documentation
docs: [https://docs.example.com/api]
url: https://api.example.com
hosts: [login.example.com, "*.eu.example.com"]
inputs: {source: {description: Where it comes from, default: Website}}
secrets: {key: {description: "Settings > API"}}
auth: {type: header, value: "Bearer {{ secret.key }}"}
headers: {accept: application/json}
limits: {requests: 100, seconds: 10}
links: {person: "{{ contact.email or contact.phone }}"}
values: {person: "{{ link.person or steps.create.id }}"}
errors:
  - {when: status == 403, class: rate, retryAfter: 60}
steps:
  - stepId: find
    when: not link.person and contact.email
    request: {method: GET, path: /people, query: {email: "{{ contact.email }}"}}
    outputs: {id: "{{ body.items[0].id }}"}
  - stepId: create
    on: [submission.created]
    when: not (link.person or steps.find.id)
    request:
      path: /people
      body: {email: "{{ contact.email }}", name: "{{ contact.name | family }}", "...": "{{ custom }}"}
    successCriteria: [status == 201, body.id]
    outputs: {id: "{{ body.id }}"}
    onFailure: [{when: status == 409, outputs: {id: "{{ body.existing }}"}}]
    remember: {person: "{{ outputs.id }}"}
    repeat: safe
  - stepId: note
    request: {path: "/people/{{ value.person | urlencode }}/notes", body: {text: "{{ text }}"}}
    repeat:
      lookup:
        request: {method: GET, path: "/people/{{ value.person | urlencode }}/notes"}
        found: body.items | selectattr('text', 'containing', marker) | list
"#;

/// The file with its line `number` (from 1) replaced.
fn with(number: usize, line: &str) -> String {
    let replaced =
        |(at, good): (usize, &str)| if at + 1 == number { line.to_owned() } else { good.to_owned() };
    GOOD.lines().enumerate().map(replaced).collect::<Vec<_>>().join("\n")
}

fn said(text: &str) -> Vec<String> {
    let faults = read(text.as_bytes(), Some("acme")).expect_err(text);
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_file_has_no_faults() {
    let file = read(GOOD.as_bytes(), Some("acme")).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!((file.steps.len(), file.connector.as_str()), (3, "acme"));
}

#[test]
fn a_broken_file_is_refused_with_the_line_the_member_and_what_to_write_instead() {
    let cases: &[(usize, &str, &str)] = &[
        // The syntax.
        (3, "verified: documentation: yes", "3:24: file: not YAML: "),
        (
            9,
            "auth: {type: header, value: {{ secret.key }}}",
            "9:30: file: a key is an object; put templates into quotes",
        ),
        (2, "connector: acme", "2:1: file: \"connector\" is there twice, first in line 1; keep one of them"),
        (2, "title: !!str Acme", "2:8: file: a tag (`!…`); leave it out"),
        (10, "headers: {<<: *x}", "10:11: file: "),
        (
            11,
            "limits: {requests: 0100, seconds: 10}",
            "11:20: file: 0100 is a number to YAML, and would not stay as it is written; put it into quotes",
        ),
        // The shape.
        (
            1,
            "connector: Acme",
            "1:12: connector: \"Acme\" does not fit here; write the name that connections use: 1 to 64 of a–z, 0–9 and -",
        ),
        (
            1,
            "connector: other",
            "1:12: connector: the file is called acme.yaml, the connector \"other\"; write \"acme\", or rename the file",
        ),
        (2, "titel: Acme CRM", "2:1: titel: there is no member \"titel\" here; did you mean \"title\"?"),
        (2, "titel: Acme CRM", "1:1: title: it is missing; write the CRM's name, for people"),
        (2, "title: ''", "2:8: title: it is empty; write the CRM's name, for people"),
        (3, "verified: life", "3:11: verified: \"life\" is not known here; did you mean \"live\"?"),
        (
            3,
            "verified: true",
            "3:11: verified: true is not known here; choose from live, description, documentation",
        ),
        (
            4,
            "docs: https://docs.example.com/api",
            "4:7: docs: text stands here, not a list; write a list of addresses",
        ),
        (
            4,
            "docs: [docs.example.com]",
            "4:8: docs[0]: \"docs.example.com\" does not fit here; write an address that begins with https://",
        ),
        (
            5,
            "url: http://api.example.com",
            "5:6: url: \"http://api.example.com\" does not fit here; write the address that a connection has",
        ),
        (5, "url: \"https://{{ input.host }}\"", "5:6: url: "),
        (
            6,
            "hosts: [\"https://login.example.com\"]",
            "6:9: hosts[0]: \"https://login.example.com\" does not fit here; write a host such as login.example.com",
        ),
        (6, "hosts: [\"*.com\"]", "6:9: hosts[0]: \"*.com\" does not fit here; write a host such as"),
        (
            7,
            "inputs: {my-source: {description: x}}",
            "7:10: inputs.my-source: \"my-source\" is no name for this; write a name of 1 to 64 letters, digits and _",
        ),
        (
            7,
            "inputs: {source: Website}",
            "7:18: inputs.source: text stands here, not an object; write what the input is for: {description: …, default: …}",
        ),
        (
            7,
            "inputs: {source: {default: Website}}",
            "7:10: inputs.source.description: it is missing; write what it is, for whoever sets up a connection",
        ),
        (
            8,
            "secrets: {key: {description: x, default: abc}}",
            "8:33: secrets.key.default: there is no member \"default\" here; choose from description, optional",
        ),
        (
            9,
            "auth: {value: \"{{ secret.key }}\"}",
            "9:1: auth.type: it is missing; write the kind of authentication",
        ),
        (
            9,
            "auth: {type: bearer, value: x}",
            "9:14: auth.type: \"bearer\" is not known here; choose from header, query, basic, oauth2",
        ),
        (
            9,
            "auth: {type: header, token: \"{{ secret.key }}\"}",
            "9:22: auth.token: there is no member \"token\" here; choose from name, type, value",
        ),
        (9, "auth: {type: header}", "9:1: auth.value: it is missing; write the header's value, in quotes"),
        (
            9,
            "auth: {type: oauth2, grant: password, tokenUrl: \"https://login.example.com\", clientId: x, clientSecret: y}",
            "9:29: auth.grant: \"password\" is not known here; choose from client_credentials, refresh_token",
        ),
        (
            9,
            "auth: {type: oauth2, grant: refresh_token, tokenUrl: \"https://login.example.com\", clientId: x}",
            "9:1: auth.refreshToken: it is missing; write the first refresh token",
        ),
        (
            9,
            "auth: {type: oauth2, grant: client_credentials, tokenUrl: /token, clientId: x, clientSecret: y}",
            "9:59: auth.tokenUrl: \"/token\" does not fit here; write where the token is got",
        ),
        (
            9,
            "auth: {type: login, request: {path: /login}, outputs: {id: \"{{ body.id }}\"}, apply: {header: \"a b\", value: x}}",
            "9:94: auth.apply.header: \"a b\" does not fit here; write the name of the header",
        ),
        (
            10,
            "headers: {\"X Key\": a}",
            "10:11: headers[\"X Key\"]: \"X Key\" is no name for this; write the name of a header",
        ),
        (
            10,
            "headers: {accept: 1}",
            "10:19: headers.accept: a number stands here, not text; write the header's value in quotes",
        ),
        (
            10,
            "headers: {accept: \"a\\nb: c\"}",
            "10:19: headers.accept: \"a\\nb: c\" does not fit here; write the header's value in quotes, on one line",
        ),
        (
            10,
            "headers: {Host: example.com}",
            "10:11: headers.Host: the header Host follows from the request; leave it out",
        ),
        (
            10,
            "headers: {content-type: application/json}",
            "10:11: headers.content-type: the body's type has its own member; write `contentType` in the request",
        ),
        (11, "limits: {requests: 100}", "11:1: limits.seconds: it is missing; write in how many seconds"),
        (
            11,
            "limits: {requests: 0, seconds: 1}",
            "11:20: limits.requests: 0 is out of range; write how many requests, 1 to 10,000",
        ),
        (
            15,
            "  - {when: status == 403}",
            "15:5: errors[0]: it does not say what follows; write `class: retry`",
        ),
        (
            15,
            "  - {when: status == 403, class: wait}",
            "15:34: errors[0].class: \"wait\" is not known here; choose from retry, permanent",
        ),
        (
            17,
            "  - stepId: find it",
            "17:13: steps[0].stepId: \"find it\" does not fit here; write the step's name",
        ),
        (
            19,
            "    request: {method: get, path: /people}",
            "19:23: steps[0].request.method: \"get\" is not known here; did you mean \"GET\"?",
        ),
        (
            19,
            "    request: {method: GET, path: people}",
            "19:34: steps[0].request.path: \"people\" does not fit here; write what is appended to the server, beginning with /",
        ),
        (
            19,
            "    request: {method: GET, path: /people, params: {}}",
            "19:43: steps[0].request.params: there is no member \"params\" here; choose from",
        ),
        (
            19,
            "    requests: {method: GET, path: /people}",
            "17:5: steps[0].request: it is missing; write the request: {method: POST",
        ),
        (
            22,
            "    on: [submission.create]",
            "22:10: steps[1].on[0]: \"submission.create\" is not known here; did you mean \"submission.created\"?",
        ),
        (
            22,
            "    on: [contact.created]",
            "22:10: steps[1].on[0]: \"contact.created\" is not known here; choose from submission.created, ",
        ),
        (
            26,
            "      body: {zone: \"{{ data.timezone }}\"}",
            "26:24: steps[1].request.body.zone: no event has data.timezone; did you mean \"data.timeZone\"?",
        ),
        (
            31,
            "    repeat: {lookup: {request: {method: GET, path: /people}, found: body.items}}",
            "31:14: steps[1].repeat.lookup.outputs: it does not say where \"id\" is, which the step remembers; write the",
        ),
        (
            26,
            "      body: {at: \"{{ event.at | time('short') }}\"}",
            "26:33: steps[1].request.body.at: `time` cannot take what is written here; write iso, iso_ms, offset",
        ),
        (
            18,
            "    when: contact.phone | capture('[0-9')",
            "18:27: steps[0].when: `capture` cannot take what is written here; write a regular expression",
        ),
        (
            23,
            "    when: true",
            "23:11: steps[1].when: true or false stands here, not text; write a condition in quotes",
        ),
        (31, "    repeat: yes", "31:13: steps[1].repeat: \"yes\" is not known here; choose from safe, fresh"),
        (
            31,
            "    repeat: {look: {}}",
            "31:14: steps[1].repeat.look: there is no member \"look\" here; choose from lookup",
        ),
        // Templates.
        (
            9,
            "auth: {type: header, value: \"Bearer {{ secret.key }\"}",
            "9:51: auth.value: the template cannot be read: ",
        ),
        (
            12,
            "links: {person: \"{{ contact.mail }}\"}",
            "12:21: links.person: there is no contact.mail; did you mean \"email\"?",
        ),
        (
            12,
            "links: {person: \"{{ steps.create.id }}\"}",
            "12:21: links.person: there is no name \"steps\" here; use names of the event",
        ),
        (
            13,
            "values: {person: \"{{ value.other }}\"}",
            "13:22: values.person: there is no name \"value\" here; use names of the event",
        ),
        (
            18,
            "    when: not link.persn and contact.email",
            "18:15: steps[0].when: there is no link.persn; did you mean \"link.person\"?",
        ),
        (
            18,
            "    when: not status",
            "18:15: steps[0].when: there is no name \"status\" here; use it where there is an answer",
        ),
        (
            18,
            "    when: steps.create.id",
            "18:11: steps[0].when: the step \"create\" comes later; use steps before this one",
        ),
        (
            18,
            "    when: event.type.startswith('case.')",
            "18:21: steps[0].when: values have no method \"startswith\"; write: x is startingwith('a')",
        ),
        (
            18,
            "    when: \"{{ link.person }} == 1\"",
            "18:27: steps[0].when: the template cannot be read: unexpected `}`, expected `:`; write the bare expression, without {{ and }}",
        ),
        (
            18,
            "    when: link.person and",
            "steps[0].when: the template cannot be read: unexpected end of input",
        ),
        (
            18,
            "    when: person",
            "18:11: steps[0].when: there is no name \"person\" here; write value.person",
        ),
        (
            23,
            "    when: not steps.fnd.id",
            "23:15: steps[1].when: there is no step \"fnd\"; did you mean \"find\"?",
        ),
        (
            23,
            "    when: not steps.find.ids",
            "23:15: steps[1].when: the step \"find\" has no output \"ids\"; did you mean \"steps.find.id\"?",
        ),
        (
            23,
            "    when: not steps.create.id",
            "23:15: steps[1].when: steps.create is this step, which has no outputs yet; use body",
        ),
        (
            26,
            "      body: {email: \"{{ secret.token }}\"}",
            "26:25: steps[1].request.body.email: there is no secret.token; declare it in `secrets`: token: …",
        ),
        (
            26,
            "      body: {email: \"{{ input.sorce }}\"}",
            "26:25: steps[1].request.body.email: there is no input.sorce; did you mean \"input.source\"?",
        ),
        (
            26,
            "      body: {email: \"{{ contact.email | lowercase }}\"}",
            "26:41: steps[1].request.body.email: there is no filter \"lowercase\"; choose from time",
        ),
        (
            26,
            "      body: {email: \"{{ contact.email | urlencod }}\"}",
            "26:41: steps[1].request.body.email: there is no filter \"urlencod\"; did you mean \"urlencode\"?",
        ),
        (
            26,
            "      body: {email: \"{{ 1 if contact.email is startswith('a') }}\"}",
            "steps[1].request.body.email: there is no test \"startswith\"; did you mean \"startingwith\"?",
        ),
        (
            26,
            "      body: {\"{{ field }}\": 1}",
            "26:14: steps[1].request.body[\"{{ field }}\"]: there is no name \"field\" here; did you mean \"fields\"?",
        ),
        (
            26,
            "      body: {at: \"{{ now() }}\"}",
            "26:22: steps[1].request.body.at: there is no function \"now\"; use a filter",
        ),
        (
            26,
            "      body: {a: \"{{ token.user }}\"}",
            "26:21: steps[1].request.body.a: there is no name \"token\" here; write auth of type oauth2 or login",
        ),
        (
            26,
            "      body: {a: \"{{ outputs.id }}\"}",
            "26:21: steps[1].request.body.a: there is no name \"outputs\" here; use it in `remember`",
        ),
        (
            26,
            "      body: {a: \"{{ site.zone }}\"}",
            "26:21: steps[1].request.body.a: there is no site.zone; choose from key, name, timeZone",
        ),
        (
            28,
            "    outputs: {id: \"{{ headers.Location }}\"}",
            "28:23: steps[1].outputs.id: there is no headers.Location: names of headers are in small letters here; write headers['location']",
        ),
        (
            9,
            "auth: {type: login, request: {path: \"/{{ event.id }}\"}, outputs: {access_token: \"{{ body.t }}\"}}",
            "9:42: auth.request.path: there is no name \"event\" here; use input, secret, url and site: what authenticates",
        ),
        (
            9,
            "auth: {type: header, value: \"{{ contact.email }}\"}",
            "9:33: auth.value: there is no name \"contact\" here; use input, secret, url and site",
        ),
        // Rules.
        (
            9,
            "auth: {type: oauth2, grant: client_credentials, tokenUrl: \"https://id.example.com/token\", clientId: x, clientSecret: y}",
            "9:59: auth.tokenUrl: id.example.com is no host of this connector; write `hosts: [id.example.com]`",
        ),
        (
            21,
            "  - stepId: find",
            "21:13: steps[1].stepId: steps[0] is called \"find\" too; give each step its own name",
        ),
        (
            31,
            "    description: create",
            "21:5: steps[1].repeat: a POST must say what happens if it is sent twice, since an answer can get lost; write `safe` if the CRM takes it once",
        ),
        (
            30,
            "    remember: {peson: \"{{ outputs.id }}\"}",
            "30:16: steps[1].remember.peson: there is no link \"peson\"; did you mean \"person\"?",
        ),
        (
            25,
            "      form: {a: b}",
            "25:7: steps[1].request.form: `body` is there too; keep `body` for JSON, or `form`",
        ),
        (
            19,
            "    request: {method: GET, path: /people, url: \"https://api.example.com/people\"}",
            "19:43: steps[0].request.url: `path` is there too; keep `path` below the server, or a whole `url`",
        ),
        (
            29,
            "    onFailure: [{when: status == 409, class: retry, outputs: {id: x}}]",
            "29:53: steps[1].onFailure[0].outputs: `class` is there too; keep `class` for a failure",
        ),
    ];
    assert!(cases.len() >= 40);
    let mut missed = String::new();
    for (line, text, wanted) in cases {
        let said = said(&with(*line, text));
        if !said.iter().any(|fault| fault.contains(wanted)) {
            missed +=
                &format!("line {line}: {text}\n  wanted {wanted}\n  said   {}\n", said.join("\n         "));
        }
        assert!(said.iter().all(|fault| fault.contains("; ")), "no fix: {said:?}");
    }
    assert!(missed.is_empty(), "{missed}");
}

#[test]
fn a_step_is_for_the_events_of_its_file() {
    let file = |on: &str| read(with(2, &format!("title: Acme CRM\non: [{on}]")).as_bytes(), Some("acme"));
    let narrow = file("submission.created, case.opened").unwrap_or_else(|faults| panic!("{faults:?}"));
    let handled = |event: &str| narrow.steps.iter().filter(|step| step.handles(event)).count();
    assert_eq!(["submission.created", "case.opened", "message.created"].map(handled), [3, 2, 0]);
    let said = file("case.opened").expect_err("a step for another event")[0].to_string();
    let wanted =
        "23:10: steps[1].on[0]: the file is not for \"submission.created\"; add it to the file's `on`, or";
    assert!(said.starts_with(wanted), "{said}");
}

#[test]
fn everything_wrong_is_said_at_once_and_in_the_order_of_the_lines() {
    let text =
        with(12, "links: {person: \"{{ contact.mail }}\"}").replace("connector: acme", "connector: Acme");
    let text = text.replace("    repeat: safe", "    repeat: maybe").replace("stepId: note", "stepId: find");
    let faults = read(text.as_bytes(), None).expect_err("faults");
    let lines: Vec<usize> = faults.iter().map(|fault| fault.place.line).collect();
    assert_eq!(lines, [1, 12, 31, 32]);
}

#[test]
fn what_an_anchor_and_its_aliases_share_is_said_once() {
    let text =
        with(26, "      body: &body {a: \"{{ contact.mail }}\"}").replace("{text: \"{{ text }}\"}", "*body");
    assert_eq!(said(&text).len(), 1);
}

#[test]
fn a_login_knows_its_own_outputs_and_oauth_any() {
    let login = r#"auth: {type: login, request: {path: /login}, outputs: {key: "{{ body.key }}"}, apply: {value: "{{ token.NAME }}"}}"#;
    assert!(read(with(9, &login.replace("NAME", "key")).as_bytes(), None).is_ok());
    let said = said(&with(9, &login.replace("NAME", "kei")));
    assert!(said[0].ends_with("there is no token.kei; did you mean \"token.key\"?"), "{said:?}");
    let oauth = r#"auth: {type: oauth2, grant: client_credentials, tokenUrl: "https://login.example.com/token", clientId: a, clientSecret: "{{ secret.key }}", apply: {value: "{{ token.anything }}"}}"#;
    assert!(read(with(9, oauth).as_bytes(), None).is_ok());
}

/// A message never repeats what could be a secret that somebody has written into the file.
#[test]
fn long_values_are_not_repeated() {
    let secret = "s3cr3t".repeat(20);
    let said = said(&with(3, &format!("verified: {secret}")));
    assert!(said.iter().all(|fault| !fault.contains("s3cr3t")), "{said:?}");
}

/// The n-th file of the manual.
fn of_the_manual(n: usize) -> String {
    let manual = include_str!("../../../../connectors/WRITING.md");
    let file = manual.split("```yaml\n").nth(n).and_then(|rest| rest.split("```").next());
    file.expect("a file").to_owned()
}

#[test]
fn the_connector_of_the_manual_can_be_used() {
    let file = read(of_the_manual(1).as_bytes(), Some("acme")).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(file.steps.len(), 3);
}

#[test]
fn the_appointments_of_the_manual_can_be_added_to_its_connector() {
    let appointments = of_the_manual(2);
    let (links, steps) = appointments.split_once("\nsteps:\n").expect("links and steps");
    let person = "links:\n  person: \"{{ contact.email or contact.phone }}\"\n";
    let file = of_the_manual(1).replace(person, links) + steps;
    let file = read(file.as_bytes(), Some("acme")).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!((file.steps.len(), file.links.len()), (6, 2));
    let steps = file.steps.iter().filter(|step| step.handles("appointment.moved"));
    assert_eq!(
        steps.map(|step| step.step_id.as_str()).collect::<Vec<_>>(),
        ["find", "create", "note", "book", "move"]
    );
}

#[test]
fn a_template_has_bounds_within_which_it_can_be_evaluated() {
    let chain = |length: usize| format!("    when: a{}", "+a".repeat(length / 2));
    assert!(said(&with(18, &chain(5_000)))[0].contains("more than 4,000 characters"));
    let long = "1+".repeat(1_999) + "1";
    let run = move || {
        let condition = crate::connector::template::Condition::try_from(long).expect("a condition");
        condition.holds(&minijinja::Value::UNDEFINED).expect("a value")
    };
    // As small a stack as any thread of the gateway has.
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("a thread");
    assert!(thread.join().expect("it ends"));
}

#[test]
fn no_more_is_said_than_a_person_can_read() {
    let members: String = (0..1_000).map(|at| format!("x{at}: 1\n")).collect();
    assert_eq!(said(&format!("{GOOD}\n{members}")).len(), 200);
}
