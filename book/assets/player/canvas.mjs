// What scenes on a canvas share: sharp pixels, the page's colours, numbers that a trace packed.
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PLACE = new Map([...DIGITS].map((letter, place) => [letter, place]));
export const NEVER = 64 * 64 - 1;

// A number below 62 is one character, and so is what never came; a larger number is a hyphen and two.
export function unpack(text) {
  const numbers = [];
  for (let place = 0; place < text.length; place += 1) {
    if (text[place] === "-") {
      numbers.push(64 * PLACE.get(text[place + 1]) + PLACE.get(text[place + 2]));
      place += 2;
    } else numbers.push(text[place] === "_" ? NEVER : PLACE.get(text[place]));
  }
  return numbers;
}

export class Canvas {
  constructor(stage) {
    this.stage = stage;
    this.node = document.createElement("canvas");
    this.node.setAttribute("aria-hidden", "true"); // the stage is what is described
    stage.append(this.node);
    this.pen = this.node.getContext("2d");
  }

  // A clean sheet, in pixels of the page.
  clear() {
    const { clientWidth: width, clientHeight: height } = this.stage;
    const dense = devicePixelRatio || 1;
    if (this.node.width !== Math.round(width * dense) || this.node.height !== Math.round(height * dense)) {
      [this.node.width, this.node.height] = [Math.round(width * dense), Math.round(height * dense)];
    }
    this.pen.setTransform(dense, 0, 0, dense, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    return [width, height];
  }

  colours() {
    const style = getComputedStyle(this.stage);
    return Object.fromEntries(["accent", "quiet", "rule", "paper"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()])
      .concat([["ink", style.color]]));
  }

  text(words, x, y, { colour, align = "left", size = 12, weight = 400 }) {
    this.pen.font = `${weight} ${size}px ${getComputedStyle(this.stage).fontFamily}`;
    this.pen.fillStyle = colour;
    this.pen.textAlign = align;
    this.pen.fillText(words, x, y);
  }
}
