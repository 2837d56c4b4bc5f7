//! An endpoint that answers as a test says, or keeps whoever asks waiting.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Its first line.
    pub(crate) line: String,
    /// Whose credentials signed it.
    pub(crate) key: String,
    /// The service that it was signed for.
    pub(crate) service: String,
    /// The region that it was signed for.
    pub(crate) region: String,
    /// Its body.
    pub(crate) body: String,
}

/// A status and a body.
pub(crate) type Said = (u16, String);

/// Serves `say` until the test ends, which lets whoever hears nothing wait; the receiver hears of every request.
pub(crate) fn serve(say: impl Fn(&Asked) -> Option<Said> + Send + 'static) -> (String, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, hear) = channel();
    std::thread::spawn(move || {
        let mut waiting = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let Some(asked) = read(&mut stream) else { continue };
            let said = say(&asked);
            let _ = tell.send(asked);
            match said {
                Some((status, body)) => {
                    let length = body.len();
                    // Whoever asked may be gone.
                    let _ = write!(
                        stream,
                        "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
                    );
                }
                None => waiting.push(stream),
            }
        }
    });
    (url, hear)
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut some = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
            };
            let length = header("content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                // Credential=KEY/DATE/REGION/SERVICE/aws4_request
                let signed = header("authorization").unwrap_or_default();
                let signed: Vec<_> = signed.split(['=', '/', ',']).map(ToOwned::to_owned).collect();
                let part = |index: usize| signed.get(index).cloned().unwrap_or_default();
                return Some(Asked {
                    line: head.lines().next().unwrap_or_default().to_owned(),
                    key: part(1),
                    region: part(3),
                    service: part(4),
                    body: body.to_owned(),
                });
            }
        }
        match stream.read(&mut some) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend(&some[..read]),
        }
    }
}
