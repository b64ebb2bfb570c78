import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.ListMessageMoveTasksResultEntry;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.QueueAttributeName;
import software.amazon.awssdk.services.sqs.model.SendMessageResponse;

/** Dead-letter queues, and the way back from them. Each step builds on those before it. */
final class DeadLetters {
  private static final int MOVED_SECONDS_MAX = 30;

  private final Tally tally;
  private final SqsClient sqs;
  private final String dead;
  private final String deadArn;
  private final String source;
  private final String sourceArn;

  DeadLetters(Tally tally, SqsClient sqs) {
    this.tally = tally;
    this.sqs = sqs;
    String name = "java2-" + ProcessHandle.current().pid() + "-jobs";
    this.dead = sqs.createQueue(queue -> queue.queueName(name + "-dead")).queueUrl();
    this.deadArn = arn(dead);
    this.source = sqs.createQueue(queue -> queue.queueName(name).attributes(policy(deadArn))).queueUrl();
    this.sourceArn = arn(source);
  }

  void run() {
    tally.step(
        "a message that was received too often goes to the dead-letter queue",
        () -> {
          SendMessageResponse sent = sqs.sendMessage(message -> message.queueUrl(source).messageBody("poison"));
          Tally.same(receive(source).size(), 1);
          Tally.same(receive(source), List.of());
          Message message = receive(dead).get(0);
          Tally.same(List.of(message.messageId(), message.body()), List.of(sent.messageId(), "poison"));
          Tally.same(message.attributesAsStrings().get("DeadLetterQueueSourceArn"), sourceArn);
          Tally.same(message.attributesAsStrings().get("ApproximateReceiveCount"), "2");
        });
    tally.step(
        "the sources of a dead-letter queue are listed",
        () -> Tally.same(sqs.listDeadLetterSourceQueues(queues -> queues.queueUrl(dead)).queueUrls(), List.of(source)));
    tally.step(
        "a move task brings dead letters back to where they came from",
        () -> {
          sqs.startMessageMoveTask(task -> task.sourceArn(deadArn));
          for (int attempt = 0; !task().status().equals("COMPLETED"); attempt++) {
            Tally.holds(attempt < MOVED_SECONDS_MAX * 10, task() + " is done in time");
            Thread.sleep(100);
          }
          Tally.same(task().approximateNumberOfMessagesMoved(), 1L);
          Tally.same(receive(source).get(0).body(), "poison");
          Tally.same(receive(dead), List.of());
        });
    tally.step(
        "a redrive policy that names no queue is refused, and so is the task of a queue that is none's dead-letter queue",
        () -> {
          Tally.Step setting = () -> sqs.setQueueAttributes(queue -> queue.queueUrl(source).attributes(policy(deadArn + "-not")));
          Tally.same(Main.code(Tally.failureOf(setting)), "InvalidParameterValue");
          Tally.same(Main.code(Tally.failureOf(() -> sqs.startMessageMoveTask(task -> task.sourceArn(sourceArn)))), "InvalidParameterValue");
        });
  }

  private ListMessageMoveTasksResultEntry task() {
    return sqs.listMessageMoveTasks(tasks -> tasks.sourceArn(deadArn)).results().get(0);
  }

  private List<Message> receive(String url) {
    return sqs.receiveMessage(receive -> receive.queueUrl(url).visibilityTimeout(0).attributeNamesWithStrings("All")).messages();
  }

  private String arn(String url) {
    return sqs.getQueueAttributes(queue -> queue.queueUrl(url).attributeNames(QueueAttributeName.QUEUE_ARN)).attributes().get(QueueAttributeName.QUEUE_ARN);
  }

  private static Map<QueueAttributeName, String> policy(String target) {
    return Map.of(QueueAttributeName.REDRIVE_POLICY, "{\"deadLetterTargetArn\":\"" + target + "\",\"maxReceiveCount\":1}");
  }
}
