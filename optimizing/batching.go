package optimizing

// Many operations have a cost that does not depend on how much they carry: a round
// trip, a sync of the disk, a transaction, a lock. A batch pays it once for many items.

// groupLog writes records to a log that is durable when Append returns. Records that
// arrive while a sync is running share the next one, so it needs no delay to form
// batches: they become larger by themselves when the disk is slow.
type groupLog struct {
	records chan groupRecord
	stopped chan struct{}
}

type groupRecord struct {
	text string
	done chan error
}

// newGroupLog starts the goroutine that calls write for each record and then sync,
// once for all records that are waiting.
func newGroupLog(write func(string) error, sync func() error) *groupLog {
	l := &groupLog{records: make(chan groupRecord, 128), stopped: make(chan struct{})}
	go func() {
		defer close(l.stopped)
		for first := range l.records {
			batch := append([]groupRecord(nil), first)
			for more := true; more; {
				select {
				case record, ok := <-l.records:
					if more = ok; ok {
						batch = append(batch, record)
					}
				default:
					more = false
				}
			}
			var err error
			for _, record := range batch {
				if err == nil {
					err = write(record.text)
				}
			}
			if err == nil {
				err = sync()
			}
			for _, record := range batch {
				record.done <- err
			}
		}
	}()
	return l
}

// Append returns when the record has been synced.
func (l *groupLog) Append(text string) error {
	done := make(chan error, 1)
	l.records <- groupRecord{text, done}
	return <-done
}

// Close must not be called before all calls of Append have returned.
func (l *groupLog) Close() {
	close(l.records)
	<-l.stopped
}
