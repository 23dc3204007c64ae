use std::{io::Cursor, process::Command, time::Duration};

use bytes::Bytes;
use http::StatusCode;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use rstest::rstest;
use weft_proto::media::v1::File;

use crate::rig::{Engine, Person, Rig, bytes_of, get, refusal};

/// What nobody should see of a picture who only sees a smaller one.
const CANARY: &[u8] = b"48.2082 16.3738";

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn photo(width: u32, height: u32) -> DynamicImage {
    let low = |number: u32| number.to_le_bytes().first().copied().unwrap_or_default();
    RgbImage::from_fn(width, height, |x, y| Rgb([low(x), low(y), 90])).into()
}

/// A JPEG as a camera writes it that was held upright: it lies on its side, and knows where it was taken.
fn as_by_a_camera(picture: &DynamicImage) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(CANARY);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    let plain = encoded(picture, ImageFormat::Jpeg);
    let (start, rest) = plain.split_at(2);
    [start, b"\xff\xe1", &length, &exif, rest].concat()
}

async fn upload(rig: &Rig, person: &Person, name: &str, content: &[u8]) -> String {
    rig.upload(person, name, "", content).await.get("id").unwrap().as_str().unwrap().to_owned()
}

async fn until_seen(rig: &Rig, person: &Person, id: &str) -> File {
    weft_testkit::eventually("it has a thumbnail", Duration::from_secs(60), async || {
        let file = rig.get_file(person, id).await.unwrap();
        file.thumbnail_url.is_some().then_some(file)
    })
    .await
}

async fn picture(rig: &Rig, link: &str) -> (String, Bytes) {
    let answer = rig.call(get(link)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("content-security-policy", "default-src 'none'; sandbox")]
    {
        assert_eq!(answer.headers().get(name).unwrap(), value);
    }
    let mime = answer.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
    (mime, bytes_of(answer).await)
}

fn pixels(bytes: &[u8]) -> (u32, u32) {
    let seen = image::load_from_memory(bytes).unwrap();
    (seen.width(), seen.height())
}

fn has(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|part| part == wanted)
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_shown_smaller_upright_and_without_what_the_camera_wrote(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let content = as_by_a_camera(&photo(1700, 850));
    assert!(has(&content, CANARY));
    let id = upload(&rig, &agent, "a.jpg", &content).await;
    let file = until_seen(&rig, &agent, &id).await;
    assert_eq!((file.width, file.height), (Some(850), Some(1700)));
    let (thumb, preview) = (file.thumbnail_url.unwrap(), file.preview_url.unwrap());
    for (link, wanted) in [(&thumb, (160, 320)), (&preview, (800, 1600))] {
        let (mime, bytes) = picture(&rig, link).await;
        assert_eq!((mime.as_str(), pixels(&bytes)), ("image/jpeg", wanted));
        assert!(!has(&bytes, CANARY) && !has(&bytes, b"Exif"));
    }
    assert_eq!(bytes_of(rig.call(get(&file.url.unwrap())).await).await, content);

    // it is made once for all files with these bytes, and goes with the last of them
    let taken = rig.storage(&agent).await;
    let twin = upload(&rig, &agent, "b.jpg", &content).await;
    assert!(rig.get_file(&agent, &twin).await.unwrap().thumbnail_url.is_some());
    assert_eq!((rig.storage(&agent).await, rig.on_disk().len()), ((2, taken.1), 3));
    assert!(taken.1 > content.len() as u64);
    rig.delete_file(&agent, &id).await.unwrap();
    assert_eq!(refusal(rig.call(get(&thumb)).await).await.0, 404);
    rig.delete_file(&agent, &twin).await.unwrap();
    assert_eq!((rig.storage(&agent).await, rig.on_disk().len()), ((0, 0), 0));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_seen_through_stays_so_and_small_ones_do_not_grow() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let sticker = RgbaImage::from_pixel(90, 60, Rgba([1, 2, 3, 40])).into();
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let id = upload(&rig, &agent, "a", &encoded(&sticker, format)).await;
        let (mime, bytes) = picture(&rig, &until_seen(&rig, &agent, &id).await.thumbnail_url.unwrap()).await;
        assert_eq!((mime.as_str(), pixels(&bytes)), ("image/png", (90, 60)));
        assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgba8().get_pixel(5, 5).0, [1, 2, 3, 40]);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn bombs_scripts_and_broken_images_have_no_picture_and_stop_nobody() {
    let rig = Rig::configured(Engine::Sqlite, |config| config.previews.max_pixels = 1_000_000).await;
    let agent = rig.agent();
    let huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0\xc1\x17\xb7\xde";
    let many = encoded(&RgbImage::new(1001, 1000).into(), ImageFormat::Png);
    let whole = encoded(&photo(300, 200), ImageFormat::Png);
    let cut = whole.get(..whole.len() / 3).unwrap();
    let mut none = Vec::new();
    for (name, content) in [
        ("a.png", huge.as_slice()),
        ("b.png", &many),
        ("c.gif", b"GIF89a\xff\xff\xff\xff\x80\0\0"),
        ("d.svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>1</script></svg>"),
        ("e.png", cut),
    ] {
        none.push(upload(&rig, &agent, name, content).await);
    }
    // they are looked into one after the other
    let last = upload(&rig, &agent, "z.png", &whole).await;
    until_seen(&rig, &agent, &last).await;
    for id in none {
        let file = rig.get_file(&agent, &id).await.unwrap();
        assert_eq!((file.thumbnail_url, file.preview_url, file.width), (None, None, None), "{}", file.name);
        assert!(file.url.is_some());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_picture_gives_that_picture_alone() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let id = upload(&rig, &agent, "a.jpg", &as_by_a_camera(&photo(400, 400))).await;
    let file = until_seen(&rig, &agent, &id).await;
    let (thumb, url) = (file.thumbnail_url.unwrap(), file.url.unwrap());
    assert!(thumb.contains("&v=thumb&"), "{thumb}");
    for tampered in [
        thumb.replace("&v=thumb", ""),
        thumb.replace("v=thumb", "v=preview"),
        thumb.replace("v=thumb", "v=other"),
        url.replace("&s=", "&v=thumb&s="),
    ] {
        assert_eq!(refusal(rig.call(get(&tampered)).await).await, (403, "invalid_link".into()), "{tampered}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_seen_by_its_first_frame() {
    let rig = Rig::configured(Engine::Sqlite, |config| config.max_file_bytes = 5_000_000).await;
    let agent = rig.agent();
    let folder = tempfile::tempdir().unwrap();
    let film = folder.path().join("film.mp4");
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", "color=red:size=640x360:rate=5:duration=1", "-y"])
        .arg(&film)
        .status();
    assert!(made.unwrap().success(), "ffmpeg is there: run `make deps`");
    let id = upload(&rig, &agent, "film.mp4", &std::fs::read(film).unwrap()).await;
    let file = until_seen(&rig, &agent, &id).await;
    assert_eq!((file.mime.as_str(), file.width, file.height), ("video/mp4", Some(640), Some(360)));
    let (mime, bytes) = picture(&rig, &file.thumbnail_url.unwrap()).await;
    assert_eq!((mime.as_str(), pixels(&bytes)), ("image/jpeg", (320, 180)));
    let seen = image::load_from_memory(&bytes).unwrap().to_rgb8();
    let [red, green, blue] = seen.get_pixel(100, 100).0;
    assert!(red > 200 && green < 60 && blue < 60, "{red} {green} {blue}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_that_calls_itself_a_film_opens_nothing() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let list = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    let id = upload(&rig, &agent, "film.mp4", list).await;
    let last = upload(&rig, &agent, "z.png", &encoded(&photo(9, 9), ImageFormat::Png)).await;
    until_seen(&rig, &agent, &last).await;
    assert_eq!(rig.get_file(&agent, &id).await.unwrap().thumbnail_url, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_is_seen_by_its_first_page_where_there_is_a_program_for_it() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let page = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj \
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
    let id = upload(&rig, &agent, "a.pdf", page).await;
    let last = upload(&rig, &agent, "z.png", &encoded(&photo(9, 9), ImageFormat::Png)).await;
    until_seen(&rig, &agent, &last).await;
    let file = rig.get_file(&agent, &id).await.unwrap();
    assert_eq!(file.mime, "application/pdf");
    let is_installed = Command::new("pdftoppm").arg("-v").output().is_ok();
    assert_eq!(file.thumbnail_url.is_some(), is_installed);
}
