//! `trailpost serve`: who is answered, and with what.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command};

use serde_json::Value;

use crate::trial::{Trial, stop_logging, trail};

/// A server that is ended with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Serves the store of `trial` at any port.
    fn of(trial: &Trial) -> Self {
        let mut child = trial.command(&["serve", "--port", "0", "--store", "sqlite:s.db"]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let port =
            line.trim().strip_prefix("http://127.0.0.1:").unwrap().trim_end_matches('/').parse().unwrap();
        Self { child, port }
    }

    /// The head and the body of the answer to a request that names this address.
    fn ask(&self, request: &str, more: &str) -> (String, String) {
        self.ask_at(&format!("127.0.0.1:{}", self.port), request, more)
    }

    fn ask_at(&self, host: &str, request: &str, more: &str) -> (String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn detected() -> Trial {
    let trial = Trial::new().file("events.json", trail(&[stop_logging(1)]));
    assert_eq!(trial.run(&["detect", "events.json", "--store", "sqlite:s.db"]).code, 1);
    trial
}

fn header<'h>(head: &'h str, name: &str) -> &'h str {
    head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default()
}

#[test]
fn the_page_comes_with_a_policy_and_no_cookie() {
    let trial = detected();
    let (head, body) = Server::of(&trial).ask("GET /", "");

    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(body.contains("data-live=\"data.json\"") && !body.contains("StopLogging"));
    let policy = header(&head, "content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("connect-src 'self'; frame-ancestors 'none'"), "{policy}");
    assert_eq!(header(&head, "cross-origin-resource-policy"), "same-origin");
    assert!(!head.contains("set-cookie"), "{head}");
}

#[test]
fn the_data_is_what_the_store_holds_and_is_not_sent_twice() {
    let trial = detected();
    let server = Server::of(&trial);
    let (head, body) = server.ask("GET /data.json", "");

    let data: Value = serde_json::from_str(&body).unwrap();
    let rules: Vec<&Value> = data["findings"].as_array().unwrap().iter().map(|one| &one["rule"]).collect();
    assert!(rules.contains(&&Value::from("cloudtrail-logging-stopped")), "{rules:?}");
    // The tag's letters count, so it is taken from an answer as it came.
    let tag = format!("If-None-Match: {}\r\n", etag(&server));
    let (again, nothing) = server.ask("GET /data.json", &tag);
    assert!(again.starts_with("http/1.1 304") && nothing.is_empty(), "{head}\n{again}");
}

fn etag(server: &Server) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    write!(stream, "GET /data.json HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", server.port)
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned()
}

#[test]
fn a_new_finding_is_news() {
    let trial = detected();
    let server = Server::of(&trial);
    let count = || {
        let data: Value = serde_json::from_str(&server.ask("GET /data.json", "").1).unwrap();
        data["findings"].as_array().unwrap().len()
    };
    let before = count();
    let mut other = stop_logging(2);
    other["requestParameters"]["name"] = "other".into();
    let trial = trial.file("more.json", trail(&[other]));
    trial.run(&["detect", "more.json", "--store", "sqlite:s.db"]);
    // What was read a moment ago may be told for a while, so it is asked until it is news.
    let told = (0..100_000).map(|_| count()).find(|now| *now > before);
    assert_eq!(told, Some(before + 1));
}

#[test]
fn who_names_another_host_or_wants_more_than_to_read_is_refused() {
    let trial = detected();
    let server = Server::of(&trial);

    for host in ["evil.example".to_owned(), format!("evil.example:{}", server.port), "127.0.0.1:1".to_owned()]
    {
        let (head, body) = server.ask_at(&host, "GET /data.json", "");
        assert!(head.starts_with("http/1.1 403") && !body.contains("findings"), "{host}: {head}");
    }
    let (head, _) = server.ask("POST /data.json", "Content-Length: 0\r\n");
    assert!(head.starts_with("http/1.1 405") && header(&head, "allow") == "get", "{head}");
    let (head, _) = server.ask("GET /etc/passwd", "");
    assert!(head.starts_with("http/1.1 404"), "{head}");
}

#[test]
fn a_port_that_is_taken_is_said_with_the_way_out() {
    let trial = detected();
    let server = Server::of(&trial);
    let port = server.port.to_string();
    let ran = trial.run(&["serve", "--port", &port, "--store", "sqlite:s.db"]);

    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("name a free one with --port"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn it_ends_when_it_is_interrupted() {
    let trial = detected();
    let mut server = Server::of(&trial);
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());

    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
