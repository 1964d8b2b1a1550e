// Holds documents against what OpenActive has published: JSON lines in, a JSON line out for each.
//
// A line is one of
//   {"mode": "C1Response", "document": {…}}       a document, in a validationMode of the data model validator
//   {"pages": [{"url", "json", "contentType", "cacheControl", "status"}, …], "isOrdersFeed": false}
//                                                 pages of a feed, in the order in which they are read
//   {"feed": "https://…"}                         a feed that is walked over HTTP, page by page
// and its answer a list of {"severity", "path", "message"}. Nothing is loaded but the feeds.

const readline = require('readline');
const { validate } = require('@openactive/data-model-validator');
const { FeedPageChecker, RpdeValidator } = require('@openactive/rpde-validator');

const told = (path) => ({ severity, message, path: place }) => ({ severity, path: path || place, message });

async function look(line) {
  if (line.feed) {
    const { pages } = await RpdeValidator(line.feed, { pageLimit: 1000 });
    return pages.flatMap((page) => page.errors.map(told(page.url)));
  }
  if (line.pages) {
    const checker = new FeedPageChecker();
    const { isOrdersFeed } = line;
    return line.pages.flatMap((page, pageIndex) => (
      checker.validateRpdePage({ ...page, pageIndex, isOrdersFeed }).map(told(page.url))
    ));
  }
  return (await validate(line.document, { validationMode: line.mode, loadRemoteJson: false })).map(told());
}

async function main() {
  for await (const text of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await look(JSON.parse(text)))}\n`);
  }
}

main();
