//! What is not as CloudTrail left it is a finding; what is, is none.

use engine::ingest::{Became, IngestError};
use engine::ports::TrailError;
use proptest::prelude::*;

use crate::bucket::{Chain, forger, packed, signer};
use crate::{World, stopped};

/// Two hours with two files each; the answer is their keys and those of the digests.
fn trail(world: &World) -> (Vec<String>, Vec<String>) {
    let mut chain = Chain::default();
    let (mut files, mut digests) = (Vec::new(), Vec::new());
    for hour in [8, 9] {
        let of_hour: Vec<String> = ["05", "40"]
            .iter()
            .map(|minute| {
                let time = format!("2026-03-01T{hour:02}:{minute}:00Z");
                let record = stopped(&format!("{hour}-{minute}"), &time);
                world.bucket.write(&format!("20260301T{hour:02}{minute}"), "x", &[record])
            })
            .collect();
        digests.push(chain.digest(&world.bucket, hour + 1, &of_hour, &signer()));
        files.extend(of_hour);
    }
    (files, digests)
}

/// Changes something, of files and digests.
type Tamper = fn(&World, &[String], &[String]);

fn count(found: &[String], rule: &str) -> usize {
    found.iter().filter(|line| line.as_str() == format!("{rule} critical")).count()
}

#[tokio::test]
async fn a_trail_as_it_was_left_is_clean_and_files_that_nobody_told_of_are_taken_in() {
    let world = World::at("2026-03-01T11:00:00Z");
    let (files, digests) = trail(&world);
    let taken = world.ingest.key(&files[0]).await.unwrap();
    assert!(matches!(taken, Became::Taken(taken) if taken.records == 1 && taken.new == 1));
    for (digest, late) in digests.iter().zip([1, 2]) {
        let checked = world.ingest.key(digest).await.unwrap();
        assert_eq!(checked, Became::Checked { files: 2, late, breaches: 0 });
    }
    assert_eq!(world.found().await, ["cloudtrail-logging-stopped critical"; 4]);
    for digest in &digests {
        let again = world.ingest.key(digest).await.unwrap();
        assert_eq!(again, Became::Checked { files: 2, late: 0, breaches: 0 });
    }
    assert_eq!(world.ingest.key(&files[3]).await.unwrap(), Became::Known);
}

#[tokio::test]
async fn each_way_to_tamper_is_one_finding_however_often_it_is_checked() {
    let cases: [(&str, &str, Tamper); 8] = [
        ("an altered file", "trail-file-altered", |world, files, _| {
            world
                .bucket
                .with(|objects| objects.get_mut(&files[2]).unwrap().bytes = packed(r#"{"Records":[]}"#));
        }),
        ("a file that is no archive any more", "trail-file-altered", |world, files, _| {
            world.bucket.with(|objects| objects.get_mut(&files[2]).unwrap().bytes = b"gone".to_vec());
        }),
        ("a deleted file", "trail-file-missing", |world, files, _| {
            world.bucket.with(|objects| objects.remove(&files[2]));
        }),
        ("a deleted digest", "trail-digest-broken", |world, _, digests| {
            world.bucket.with(|objects| objects.remove(&digests[0]));
        }),
        ("a digest of somebody else in its place", "trail-digest-broken", |world, files, _| {
            Chain::default().digest(&world.bucket, 10, &files[..1], &forger());
        }),
        ("a digest without its signature", "trail-digest-broken", |world, _, digests| {
            world.bucket.with(|objects| objects.get_mut(&digests[1]).unwrap().signature = None);
        }),
        ("a digest that was put in the place of another", "trail-digest-broken", |world, _, digests| {
            world.bucket.with(|objects| {
                let other = objects[&digests[0]].clone();
                objects.insert(digests[1].clone(), other);
            });
        }),
        ("a digest that is none", "trail-digest-broken", |world, _, digests| {
            world.bucket.with(|objects| objects.get_mut(&digests[1]).unwrap().bytes = packed("{}"));
        }),
    ];
    for (case, rule, tamper) in cases {
        let world = World::at("2026-03-01T11:00:00Z");
        let (files, digests) = trail(&world);
        tamper(&world, &files, &digests);
        for _ in 0..2 {
            let checked = world.ingest.key(&digests[1]).await.unwrap();
            assert!(matches!(checked, Became::Checked { breaches: 1, .. }), "{case}: {checked:?}");
            let found = world.found().await;
            let told = found.iter().filter(|line| line.starts_with("trail-")).count();
            assert_eq!((count(&found, rule), told), (1, 1), "{case}: {found:?}");
        }
    }
}

#[tokio::test]
async fn a_digest_that_is_not_there_is_no_verdict() {
    let world = World::at("2026-03-01T11:00:00Z");
    let (_, digests) = trail(&world);
    world.bucket.with(|objects| objects.remove(&digests[1]));
    let error = world.ingest.key(&digests[1]).await.unwrap_err();
    assert!(matches!(error, IngestError::Trail(TrailError::Gone(_))));
    assert_eq!(world.found().await, Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No byte of any object can be changed without being seen, but for those of the archive's frame that say nothing.
    #[test]
    fn no_content_can_be_changed_unseen(object in 0usize..4, at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let world = World::at("2026-03-01T11:00:00Z");
        let (files, digests) = trail(&world);
        let key = [&files[2], &files[3], &digests[0], &digests[1]][object];
        let unpacked = |bytes: &[u8]| {
            let mut text = Vec::new();
            let read = std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(bytes), &mut text);
            read.ok().map(|_| text)
        };
        let changed = world.bucket.with(|objects| {
            let bytes = &mut objects.get_mut(key).unwrap().bytes;
            let before = unpacked(bytes);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            before != unpacked(bytes)
        });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let checked = runtime.block_on(world.ingest.key(&digests[1])).unwrap();
        let Became::Checked { breaches, .. } = checked else { panic!("{checked:?}") };
        prop_assert_eq!(breaches > 0, changed);
    }
}
