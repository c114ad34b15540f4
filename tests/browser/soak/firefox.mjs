// Open pages in Firefox: node firefox.mjs BINARY JUDGE ADDRESS... prints JSON, what is wrong with each page.
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const [binary, judge, ...addresses] = process.argv.slice(2);
const script = readFileSync(judge, "utf-8");
const browser = await puppeteer.launch({ browser: "firefox", executablePath: binary, headless: true });
const found = {};
const page = await browser.newPage();
await page.setViewport({ width: 1280, height: 900 });
let said = [];
page.on("pageerror", (error) => said.push(String(error)));
page.on("console", (message) => message.type() === "error" && said.push(message.text()));
for (const address of addresses) {
  said = [];
  await page.goto(address, { waitUntil: "load", timeout: 120_000 });
  const wrong = await page.evaluate(script);
  found[address] = [...said, ...wrong];
}
await browser.close();
console.log(JSON.stringify(found));
