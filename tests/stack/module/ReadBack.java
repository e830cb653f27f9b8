import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads every topic back with the CloudEvents library of Knative's KafkaSource: one JSON line per record.
 *
 * <p>{@code java -cp 'jars/*' ReadBack.java 127.0.0.1:9092} reads from the beginning to the ends known at its start.
 * A record that is no CloudEvent has an "error" in place of its "event".
 */
public class ReadBack {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final CloudEventDeserializer DESERIALIZER = new CloudEventDeserializer();

  public static void main(String[] arguments) throws IOException {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", arguments[0], "enable.auto.commit", false, "allow.auto.create.topics", false);
    var bytes = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(settings, bytes, bytes);
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8)) {
      List<TopicPartition> partitions =
          consumer.listTopics().values().stream()
              .flatMap(List::stream)
              .filter(one -> !one.topic().startsWith("__")) // Kafka's own
              .map(one -> new TopicPartition(one.topic(), one.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          out.println(JSON.writeValueAsString(described(record)));
        }
      }
    }
  }

  private static ObjectNode described(ConsumerRecord<byte[], byte[]> record) throws IOException {
    var line = JSON.createObjectNode();
    line.put("topic", record.topic()).put("partition", record.partition()).put("offset", record.offset());
    line.put("key", text(record.key()));
    var headers = line.putArray("headers"); // pairs, because a name may come twice
    for (var header : record.headers()) {
      headers.addArray().add(header.key()).add(text(header.value()));
    }
    try {
      var reader = KafkaMessageFactory.createReader(record.headers(), record.value());
      line.put("encoding", reader.getEncoding().name());
      var event = DESERIALIZER.deserialize(record.topic(), record.headers(), record.value());
      line.set("event", JSON.readTree(new JsonFormat().serialize(event)));
    } catch (RuntimeException error) { // The library has no type of its own for all that may be wrong.
      line.put("error", error.toString());
    }
    return line;
  }

  private static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }
}
