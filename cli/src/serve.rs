//! `trailpost serve`: the page, live from the store, for whoever sits at this machine.
//!
//! It listens at the loopback address only, and answers only requests that name it: a page elsewhere that has its own name
//! lead here (DNS rebinding) is refused. It answers GET, changes nothing, and sets no cookies.

mod answer;
mod snapshot;

use std::future::poll_fn;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use engine::ports::{Clock as _, SystemClock};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::args::{Serve, Shared};
use crate::config::Config;
use crate::exit::{Ending, Failure};
use crate::page::Known;
use crate::{load, mute, stored};
use answer::Site;
use snapshot::Snapshots;

pub(crate) fn run(args: &Serve, shared: &Shared, config: &Config) -> Result<Ending, Failure> {
    let known = Known::new(load::rules(&args.rules, config)?, &config.settings);
    let known = known.muting(mute::filed(shared, config, SystemClock.now())?);
    let (store, runtime) = stored::open(shared, config)?.parts();
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(|error| {
            Failure::usage(format!("port {}: {error}; name a free one with --port, or 0 for any", args.port))
        })?;
        let port = listener.local_addr()?.port();
        // Whoever reads the address may end it at once: the signal is listened for from its first poll on.
        let mut end = pin!(tokio::signal::ctrl_c());
        if poll_fn(|context| Poll::Ready(end.as_mut().poll(context).is_ready())).await {
            return Ok(Ending::Clean);
        }
        let address = format!("http://127.0.0.1:{port}/");
        writeln!(anstream::stdout(), "{address}")?;
        writeln!(anstream::stderr(), "Serving what is kept, to this machine only. Ctrl-C ends it.")?;
        if args.open {
            open(&address)?;
        }
        let site = Arc::new(Site { port, snapshots: Snapshots::new(store, known) });
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => drop(tokio::spawn(connection(stream, Arc::clone(&site)))),
                    // One that is gone before it is accepted harms nobody else.
                    Err(error) => writeln!(anstream::stderr(), "connection: {error}")?,
                },
                _ = &mut end => return Ok(Ending::Clean),
            }
        }
    })
}

async fn connection(stream: tokio::net::TcpStream, site: Arc<Site>) {
    let service = service_fn(|request| {
        let site = Arc::clone(&site);
        async move { site.answer(&request).await }
    });
    // Whoever goes away in the middle of an answer does not need to be told.
    let _ =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// Has the browser of this machine show the page.
fn open(address: &str) -> Result<(), Failure> {
    let opener = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    if let Err(error) = std::process::Command::new(opener).arg(address).spawn() {
        writeln!(anstream::stderr(), "{opener}: {error}; open {address} yourself")?;
    }
    Ok(())
}
