// The live page asks where it came from for news; a page that is a file asks nobody.

const ASK_EVERY = 3000;

function readEmbedded() {
  return JSON.parse(byId("data").textContent);
}

function beginLive(app, address) {
  const freshness = byId("freshness");
  let version = null;
  const ask = async () => {
    try {
      const answer = await fetch(address, { headers: version ? { "If-None-Match": version } : {}, cache: "no-store" });
      if (answer.status === 200) {
        const data = await answer.json();
        version = answer.headers.get("ETag");
        app.take(data);
      } else if (answer.status !== 304) {
        throw new Error(`the answer was ${answer.status}`);
      }
      freshness.className = "freshness is-live";
      freshness.textContent = "Live";
    } catch {
      freshness.className = "freshness is-lost";
      freshness.textContent = "No answer: is trailpost serve still running?";
    }
    setTimeout(ask, ASK_EVERY);
  };
  ask();
}
