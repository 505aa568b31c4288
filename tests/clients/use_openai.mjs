// OpenAI's own client for Node.
import OpenAI from "openai";

const model = process.env.PRACTICE_MODEL;
const ask = [{ role: "user", content: "Hello" }];
const check = (truth, words) => {
  if (!truth) throw new Error(words);
};
const refused = async (call, kind, status) => {
  try {
    await call();
  } catch (error) {
    check(error instanceof kind && error.status === status, `${error.constructor.name} ${error.status}`);
    return `${error.constructor.name} ${error.status}`;
  }
  throw new Error(`nobody raised ${kind.name}`);
};
const weather = {
  type: "function",
  name: "weather",
  strict: true,
  parameters: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
};
const client = new OpenAI({ maxRetries: 0 });

const steps = {
  async chat() {
    const reply = await client.chat.completions.create({ model, messages: ask });
    check(reply.choices[0].message.content, "no words");
    return `${reply.usage.total_tokens} tokens`;
  },
  async stream() {
    let count = 0;
    for await (const _ of await client.chat.completions.create({ model, messages: ask, stream: true })) count += 1;
    check(count > 3, `${count} chunks`);
    return `${count} chunks`;
  },
  async error() {
    const wrong = new OpenAI({ apiKey: "sk-practice-wrong", maxRetries: 0 });
    return [
      await refused(() => wrong.models.list(), OpenAI.AuthenticationError, 401),
      await refused(
        () => client.chat.completions.create({ model: "no-such-model", messages: ask }),
        OpenAI.NotFoundError,
        404,
      ),
    ].join(", ");
  },
  async responses() {
    const reply = await client.responses.create({ model, input: "Hello", tools: [weather] });
    check(reply.output[0].type === "function_call", reply.output[0].type);
    const stream = client.responses.stream({ model, input: "Hello" });
    let count = 0;
    for await (const _ of stream) count += 1;
    const whole = await stream.finalResponse();
    check(whole.output_text.length > 0, "no words");
    return `tool call, ${count} events`;
  },
  async embeddings() {
    const reply = await client.embeddings.create({ model: process.env.PRACTICE_EMBEDDING_MODEL, input: "one" });
    return `${reply.data[0].embedding.length} numbers`;
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    console.log(`${name}\tok\t${await step()}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`${name}\tFAILED\t${String(error).replaceAll(/\s+/g, " ").slice(0, 300)}`);
  }
}
